import assert from 'node:assert/strict';
import type { EspejoConfig } from '../../../src/config/config.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { isEspejoError } from '../../../src/core/errors.ts';

/** Parses a text as the file /etc/espejo/espejo.yaml of a user at home in /home/ana. */
export function parse(text: string): EspejoConfig {
  return parseConfig(text, { path: '/etc/espejo/espejo.yaml', env: { HOME: '/home/ana' } });
}

/** The problems of a text as `line path: message`. */
export function problemsOf(text: string): readonly string[] {
  try {
    parse(text);
  } catch (error) {
    assert.ok(isEspejoError(error, 'E_CONFIG_INVALID'), String(error));
    const { problems } = error.context;
    assert.ok(Array.isArray(problems));
    return problems.map(({ line, path, message }) => `${line} ${path}: ${message}`);
  }
  return [];
}

/** A complete small mirror; `extra` lines are indented into it. */
export function mirrorYaml(extra: readonly string[] = [], without: readonly string[] = []): string {
  const lines = [
    'url: http://archive.example/ubuntu/',
    'suites: [xenial]',
    'components: [main]',
    'keyring: keys/archive.gpg',
    'packages: [nginx]',
  ].filter((line) => !without.some((key) => line.startsWith(`${key}:`)));
  return ['mirrors:', '  ubuntu:', ...[...lines, ...extra].map((line) => `    ${line}`), ''].join('\n');
}
