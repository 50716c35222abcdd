import { EspejoError } from '../core/errors.ts';
import type { KeyFacts } from '../openpgp/contract.ts';
import { loadKeyring } from '../openpgp/keyring.ts';

/** Facts of the first public key of an armored text. */
export async function keyFacts(armored: string): Promise<KeyFacts> {
  const [facts] = (await loadKeyring([{ armored }])).keys;
  if (facts !== undefined) return facts;
  throw new EspejoError('E_KEYRING_INVALID', 'the public key holds no usable key');
}
