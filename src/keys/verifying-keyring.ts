import { access } from 'node:fs/promises';
import { EspejoError } from '../core/errors.ts';
import type { Keyring } from '../openpgp/contract.ts';
import { gnupgPath } from './gnupg-home.ts';
import { namedProvider } from './gpg-provider.ts';
import type { KeyPorts } from './ports.ts';

/** The keyrings of gpgv, in the order in which it looks for them; either or both may be there. */
const defaultNames = ['trustedkeys.kbx', 'trustedkeys.gpg'] as const;

/** With which keys signatures are verified, if they are. */
export type Verification = {
  /** Absent: as configured. */
  readonly ignoreSignatures?: boolean;
  /** `gpg`, `gpg1`, `gpg2` or `internal`; empty: the configuration. */
  readonly provider: string;
  /** Empty: gpg's trusted keys. */
  readonly keyrings: readonly string[];
};

/**
 * Whether signatures are ignored.
 * @throws E_BAD_VALUE when they are not, and the provider that is named is unknown
 */
export function ignoresSignatures(
  { config }: Pick<KeyPorts, 'config'>,
  { ignoreSignatures = config.aptly.gpgDisableVerify, provider }: Omit<Verification, 'keyrings'>,
): boolean {
  if (!ignoreSignatures) namedProvider({ config }, provider);
  return ignoreSignatures;
}

/**
 * The keys that mirrors are verified with: those of the `-keyring` files, else gpg's trusted keys. As gpgv does, a name
 * without a slash is looked for in GnuPG's home (`$GNUPGHOME`, else `~/.gnupg`) and any other is a path.
 * @throws E_KEYRING_INVALID names the file that is not there or holds no key, and says what to do
 */
export async function loadVerifyingKeyring(
  { env }: Pick<KeyPorts, 'env'>,
  keyrings: readonly string[],
): Promise<Keyring> {
  const paths =
    keyrings.length === 0 ? await trustedKeyrings(env) : keyrings.map((name) => gnupgPath(name, env));
  for (const path of paths) {
    if (await exists(path)) continue;
    throw new EspejoError('E_KEYRING_INVALID', `keyring ${path} does not exist${adviceFor(path, env)}`, {
      context: { path },
    });
  }
  const { loadKeyring } = await import('../openpgp/keyring.ts');
  return await loadKeyring(paths.map((path) => ({ path })));
}

type Environment = KeyPorts['env'];

async function trustedKeyrings(env: Environment): Promise<readonly string[]> {
  const paths = defaultNames.map((name) => gnupgPath(name, env));
  const present: string[] = [];
  for (const path of paths) if (await exists(path)) present.push(path);
  return present.length === 0 ? paths.slice(-1) : present;
}

function adviceFor(path: string, env: Environment): string {
  return defaultNames.some((name) => path === gnupgPath(name, env))
    ? '; import the key of the archive: gpg --no-default-keyring --keyring trustedkeys.gpg --import <key file>, or name a keyring with -keyring'
    : '; a name without "/" is looked for in the GnuPG home directory';
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
