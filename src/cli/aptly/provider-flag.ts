import { type FlagValues, stringFlag } from '../command.ts';

/** `-gpg-provider`; empty when it was not given. */
export function providerFlag(flags: FlagValues): string {
  return stringFlag(flags, 'gpg-provider') ?? '';
}
