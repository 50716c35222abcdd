import { EspejoError } from '../core/errors.ts';
import type { Reading } from './document.ts';
import { readJson } from './read-json.ts';
import { readYaml } from './read-yaml.ts';

/**
 * Reads a file that is aptly's JSON dialect or YAML, whichever it is. What begins with `{` or a JSON comment and is
 * neither is told as JSON.
 * @throws E_CONFIG_SYNTAX with file, line and column
 */
export function readDocument(text: string, file: string): Reading & { readonly kind: 'document' } {
  const body = text.startsWith('\ufeff') ? text.slice(1) : text;
  const looksLikeJson = /^\s*(?:\{|\/\/|\/\*)/.test(body);
  const json = looksLikeJson ? readJson(body) : undefined;
  const reading = json?.kind === 'document' ? json : readYaml(body);
  if (reading.kind === 'document') {
    if (reading.root.kind === 'map') return reading;
    const isEmpty = reading.root.kind === 'scalar' && reading.root.value === null;
    const reason = isEmpty ? 'holds no configuration' : 'must hold keys with values';
    throw new EspejoError('E_CONFIG_SYNTAX', `${file}:${reading.root.line}: ${reason}`, {
      context: { path: file, line: reading.root.line },
    });
  }
  const { format, fault } = json?.kind === 'fault' ? json : reading;
  const { line, column, reason } = fault;
  throw new EspejoError(
    'E_CONFIG_SYNTAX',
    `${file}:${line}:${column}: not ${format.toUpperCase()}: ${reason}`,
    {
      context: { path: file, line, column },
    },
  );
}
