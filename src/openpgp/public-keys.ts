import type { KeyFacts, Keyring, PublicKeyExport } from './contract.ts';
import { renderPublicKeys } from './export-public-key.ts';
import { keyFacts } from './keyring.ts';

/** A public key as it is handed out. */
export type PublicKeyFile = KeyFacts & PublicKeyExport;

/** Each key of a keyring for itself, in its order; one that comes twice is there once. */
export function publicKeysOf({ certificates }: Keyring): readonly PublicKeyFile[] {
  const keys = certificates.map((one) => ({ ...keyFacts(one), ...renderPublicKeys([one]) }));
  return [...new Map(keys.toReversed().map((key) => [key.fingerprint, key])).values()].toReversed();
}
