import { EspejoError } from '../core/errors.ts';
import type { KeyPorts } from './ports.ts';

const providers = ['gpg', 'gpg1', 'gpg2', 'internal'] as const;

/** What signs: a family of the `gpg` program, or espejo with keyrings of GnuPG. */
export type Provider = (typeof providers)[number];

/**
 * The provider that a flag or the configuration names, undefined when neither does. Asked for only where something is
 * to be signed or verified.
 * @param flag `-gpg-provider`; empty when it was not given
 * @throws E_BAD_VALUE in aptly's words
 */
export function namedProvider(
  { config }: { readonly config: Pick<KeyPorts['config'], 'keys'> },
  flag: string,
): Provider | undefined {
  const name = flag === '' ? config.keys.provider : flag;
  if (name === undefined) return undefined;
  const known = providers.find((one) => one === name);
  if (known !== undefined) return known;
  throw new EspejoError('E_BAD_VALUE', `unknown gpg provider: ${name}`, {
    hint: `it is one of ${providers.join(', ')}`,
  });
}
