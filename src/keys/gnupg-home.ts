import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where a keyring lies, as gpg finds it: a name without a slash in GnuPG's home (`$GNUPGHOME`, else `~/.gnupg`), any
 * other is a path. `gnupg-ring:` and `gnupg-kbx:` tell gpg the format, which the file itself tells too.
 */
export function gnupgPath(name: string, env: Environment): string {
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
