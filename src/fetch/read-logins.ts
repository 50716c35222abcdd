import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { EspejoConfig } from '../config/config.ts';
import { EspejoError, systemCode } from '../core/errors.ts';
import { fileError } from '../core/files.ts';
import { type AuthEntry, parseAuthConf } from './logins.ts';

/**
 * Users and passwords for upstreams: the text of `ESPEJO_AUTH`, the file that `ESPEJO_AUTH_FILE` names, then those of
 * `auth_file`. What comes first counts.
 * @throws E_CONFIG_INVALID, E_CONFIG_NOT_FOUND, E_PERMISSION, E_IO
 */
export async function readLogins(
  { authFiles }: Pick<EspejoConfig, 'authFiles'>,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly AuthEntry[]> {
  const { ESPEJO_AUTH: text = '', ESPEJO_AUTH_FILE: file = '' } = env;
  const entries = [...parseAuthConf(text, 'ESPEJO_AUTH')];
  const files = file === '' ? authFiles : [resolve(file), ...authFiles];
  for (const path of files) entries.push(...parseAuthConf(await readAuthFile(path), path));
  return entries;
}

async function readAuthFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT')
      throw new EspejoError('E_CONFIG_NOT_FOUND', `there is no file ${path} with users and passwords`, {
        cause,
        hint: 'check auth_file and ESPEJO_AUTH_FILE',
      });
    throw fileError(cause, `cannot read ${path}`);
  }
}
