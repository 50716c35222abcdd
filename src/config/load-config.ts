import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EspejoError, systemCode } from '../core/errors.ts';
import { fileError } from '../core/files.ts';
import type { EspejoConfig } from './config.ts';
import { parseConfig } from './parse-config.ts';
import { configTemplate } from './template.ts';

export type LoadOptions = {
  /** Of the command line: only this file is tried. */
  readonly explicitPath?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** What to do without any file: `refuse` (default), or as aptly does, `create` one with the defaults. */
  readonly missing?: 'refuse' | 'create';
};

/**
 * Reads the configuration: the explicit file, else the first that can be opened of espejo's and then aptly's places.
 * As in aptly, a file that is absent or may not be read is passed over, and any other fault is final.
 * @throws E_CONFIG_NOT_FOUND, E_CONFIG_SYNTAX, E_CONFIG_INVALID, E_PERMISSION, E_IO
 */
export async function loadConfig({
  explicitPath,
  env,
  cwd,
  missing = 'refuse',
}: LoadOptions): Promise<EspejoConfig> {
  if (explicitPath !== undefined) {
    const path = resolve(cwd, explicitPath);
    return parseConfig(await readExplicit(path), { path, env });
  }
  const places = configPlaces({ env, cwd });
  const forbidden: string[] = [];
  for (const path of places) {
    const found = await readCandidate(path);
    if (found.kind === 'found') return parseConfig(found.text, { path, env });
    if (found.kind === 'forbidden') forbidden.push(path);
  }
  const home = env['HOME'];
  if (missing === 'refuse' || !home) throw notFound(places, forbidden);
  return await createDefault(join(home, '.aptly.conf'), env);
}

/** Where nothing can be written, as in a container that is read-only, the same defaults hold without a file. */
async function createDefault(path: string, env: LoadOptions['env']): Promise<EspejoConfig> {
  const config = parseConfig(configTemplate, { path, env });
  try {
    await writeFile(path, configTemplate, { flag: 'wx' });
    return { ...config, notices: [`Config file not found, creating default config at ${path}`, ''] };
  } catch (cause) {
    const code = systemCode(cause);
    if (code === undefined) throw cause;
    const notice = `Config file not found, going on with the defaults: cannot write ${path} (${code})`;
    return { ...config, path: undefined, notices: [notice, ''] };
  }
}

/** Where a configuration is looked for, in this order. */
export function configPlaces({ env, cwd }: Pick<LoadOptions, 'env' | 'cwd'>): readonly string[] {
  const home = env['HOME'];
  const inHome = (name: string): readonly string[] => (home ? [join(home, name)] : []);
  return [
    join(cwd, 'espejo.yaml'),
    ...inHome('.espejo.yaml'),
    '/etc/espejo.yaml',
    ...inHome('.aptly.conf'),
    '/usr/local/etc/aptly.conf',
    '/etc/aptly.conf',
  ];
}

async function readExplicit(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (systemCode(cause) !== 'ENOENT') throw fileError(cause, `cannot read the configuration ${path}`);
    throw new EspejoError('E_CONFIG_NOT_FOUND', `there is no configuration file ${path}`, {
      cause,
      context: { places: [path] },
      hint: 'check the path after -config',
    });
  }
}

type Candidate =
  | { readonly kind: 'found'; readonly text: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'forbidden' };

async function readCandidate(path: string): Promise<Candidate> {
  try {
    return { kind: 'found', text: await readFile(path, 'utf8') };
  } catch (cause) {
    switch (systemCode(cause)) {
      case 'ENOENT':
      case 'ENOTDIR':
        return { kind: 'absent' };
      case 'EACCES':
      case 'EPERM':
        return { kind: 'forbidden' };
      default:
        throw fileError(cause, `cannot read the configuration ${path}`);
    }
  }
}

function notFound(places: readonly string[], forbidden: readonly string[]): EspejoError {
  const unreadable = forbidden.length === 0 ? '' : `; not readable: ${forbidden.join(', ')}`;
  return new EspejoError('E_CONFIG_NOT_FOUND', `there is no configuration file${unreadable}`, {
    context: { places, forbidden },
    hint: `name one with -config, or put it at one of: ${places.join(', ')}`,
  });
}
