import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { EspejoConfig } from '../config/config.ts';
import { systemCode } from '../core/errors.ts';

/**
 * What a configuration names on the disk and is not there, or not what it should be: a line each.
 * @param env `ESPEJO_AUTH_FILE` is looked at too
 */
export async function missingFiles(
  { rootDir, mirrors, keys, authFiles }: EspejoConfig,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> {
  const { ESPEJO_AUTH_FILE: authFile = '' } = env;
  const wanted = [
    ...mirrors.flatMap(({ name, keyrings }) =>
      keyrings.map((path) => [`mirrors.${name}.keyring`, path] as const),
    ),
    ...(keys.passphraseFile === undefined ? [] : [['keys.passphrase_file', keys.passphraseFile] as const]),
    ...authFiles.map((path) => ['auth_file', path] as const),
    ...(authFile === '' ? [] : [['ESPEJO_AUTH_FILE', authFile] as const]),
  ];
  const files = await Promise.all(wanted.map(async ([key, path]) => await fileFault(key, path)));
  return [...(await rootFaults(rootDir)), ...files.flat()];
}

/** Secrets that others may read, and files that are not there. */
async function fileFault(key: string, path: string): Promise<readonly string[]> {
  const facts = await look(path);
  if (typeof facts === 'string') return [`${key}: ${path}: ${facts}`];
  const isOpen = !key.endsWith('keyring') && (facts.mode & 0o077) !== 0;
  return isOpen ? [`${key}: ${path}: others than its owner may read it; chmod 600 it`] : [];
}

/** The root is made when it is needed, where that is possible. */
async function rootFaults(rootDir: string): Promise<readonly string[]> {
  const facts = await look(rootDir);
  if (typeof facts !== 'string') return facts.isDirectory() ? [] : [`root_dir: ${rootDir}: is no directory`];
  for (let parent = dirname(rootDir); ; parent = dirname(parent)) {
    const above = await look(parent);
    if (typeof above !== 'string') return above.isDirectory() ? [] : [`root_dir: ${parent}: is no directory`];
    if (parent === dirname(parent)) return [`root_dir: ${rootDir}: ${facts}`];
  }
}

async function look(path: string): Promise<Stats | string> {
  try {
    return await stat(path);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'is not there';
    return `cannot be read (${code ?? String(error)})`;
  }
}
