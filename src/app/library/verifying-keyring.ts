import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { EspejoError } from '../../core/errors.ts';
import type { Keyring } from '../../openpgp/contract.ts';
import { loadKeyring } from '../../openpgp/keyring.ts';
import type { App } from '../app.ts';

/** The keyrings of gpgv, in the order in which it looks for them; either or both may be there. */
const defaultNames = ['trustedkeys.kbx', 'trustedkeys.gpg'] as const;

/**
 * The keys that mirrors are verified with: those of the `-keyring` files, else gpg's trusted keys. As gpgv does, a name
 * without a slash is looked for in GnuPG's home (`$GNUPGHOME`, else `~/.gnupg`) and any other is a path.
 * @throws E_KEYRING_INVALID names the file that is not there or holds no key, and says what to do
 */
export async function loadVerifyingKeyring(
  { env }: Pick<App, 'env'>,
  keyrings: readonly string[],
): Promise<Keyring> {
  const paths =
    keyrings.length === 0 ? await trustedKeyrings(env) : keyrings.map((name) => pathOf(name, env));
  for (const path of paths) {
    if (await exists(path)) continue;
    throw new EspejoError('E_KEYRING_INVALID', `keyring ${path} does not exist${adviceFor(path, env)}`, {
      context: { path },
    });
  }
  return await loadKeyring(paths.map((path) => ({ path })));
}

type Environment = App['env'];

async function trustedKeyrings(env: Environment): Promise<readonly string[]> {
  const paths = defaultNames.map((name) => pathOf(name, env));
  const present: string[] = [];
  for (const path of paths) if (await exists(path)) present.push(path);
  return present.length === 0 ? paths.slice(-1) : present;
}

/** `gnupg-ring:` and `gnupg-kbx:` tell gpg the format, which the file itself tells too. */
function pathOf(name: string, env: Environment): string {
  const bare = name.replace(/^gnupg-(?:ring|kbx):/, '');
  if (bare.startsWith('~/')) return join(homeOf(env), bare.slice(2));
  return bare.includes('/') ? resolve(bare) : join(gnupgHome(env), bare);
}

function gnupgHome(env: Environment): string {
  const configured = env['GNUPGHOME'] ?? '';
  return configured === '' ? join(homeOf(env), '.gnupg') : resolve(configured);
}

function homeOf(env: Environment): string {
  return env['HOME'] ?? homedir();
}

function adviceFor(path: string, env: Environment): string {
  return defaultNames.some((name) => path === pathOf(name, env))
    ? '; import the key of the archive: gpg --no-default-keyring --keyring trustedkeys.gpg --import <key file>, or name a keyring with -keyring'
    : '; a name without "/" is looked for in the GnuPG home directory';
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
