import type { EspejoConfig } from '../../config/config.ts';
import { isEspejoError } from '../../core/errors.ts';
import { ignoresSignatures, type Verification } from '../../keys/verifying-keyring.ts';
import type { ReleaseAccess } from '../../mirror/mirror-release.ts';
import type { Job } from '../../packages/events.ts';
import { boolFlag, type FlagValues, type Invocation, listFlag, stringFlag } from '../command.ts';
import { parseGoInteger } from './go-integer.ts';

/** How signatures are verified, as the flags say it. */
export function verificationOf(flags: FlagValues): Verification {
  return {
    provider: stringFlag(flags, 'gpg-provider') ?? '',
    keyrings: listFlag(flags, 'keyring'),
    ...(flags.has('ignore-signatures') ? { ignoreSignatures: boolFlag(flags, 'ignore-signatures') } : {}),
  };
}

/** How Release files are got, by flags and configuration. @throws E_BAD_VALUE as {@link ignoresSignatures} */
export function releaseAccess(flags: FlagValues, config: EspejoConfig): ReleaseAccess {
  const { keyrings, ...verification } = verificationOf(flags);
  return {
    ignoreSignatures: ignoresSignatures({ config }, verification),
    keyrings,
    tries: triesOf(flags, config),
  };
}

/** `-max-tries`, else one more than the configured retries. */
function triesOf(flags: FlagValues, { aptly }: EspejoConfig): number {
  const given = stringFlag(flags, 'max-tries');
  return given === undefined ? aptly.downloadRetries + 1 : Number(parseGoInteger(given) ?? 1);
}

/** A job without the progress of downloads, which aptly's commands tell as events. */
export function quietAboutDownloads({ signal, report }: Job): Job {
  return {
    signal,
    report: (event) => {
      if (event.type !== 'fetch-start') report(event);
    },
  };
}

/** Prints how to import keys, as aptly words it, when a Release file could not be verified with gpg's trusted keys. */
export async function withKeyringHints<Result>(
  { flags, print }: Pick<Invocation, 'flags' | 'print'>,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (listFlag(flags, 'keyring').length === 0) print(hintFor(error));
    throw error;
  }
}

function hintFor(error: unknown): string {
  if (isEspejoError(error, 'E_KEYRING_INVALID')) return emptyKeyringHint;
  if (!isEspejoError(error, 'E_SIGNATURE_UNKNOWN_KEY')) return '';
  const { signatures } = error.context as { readonly signatures?: readonly { readonly keyId: string }[] };
  return missingKeysHint((signatures ?? []).map(({ keyId }) => keyId));
}

const emptyKeyringHint = `
Looks like your keyring with trusted keys is empty. You might consider importing some keys.
If you're running Debian or Ubuntu, it's a good idea to import current archive keys by running:

  gpg --no-default-keyring --keyring /usr/share/keyrings/debian-archive-keyring.gpg --export | gpg --no-default-keyring --keyring trustedkeys.gpg --import

(for Ubuntu, use /usr/share/keyrings/ubuntu-archive-keyring.gpg)

`;

function missingKeysHint(keyIds: readonly string[]): string {
  return `
Looks like some keys are missing in your trusted keyring, you may consider importing them from keyserver:

gpg --no-default-keyring --keyring trustedkeys.gpg --keyserver keyserver.ubuntu.com --recv-keys ${keyIds.join(' ')}

Sometimes keys are stored in repository root in file named Release.key, to import such key:

wget -O - https://some.repo/repository/Release.key | gpg --no-default-keyring --keyring trustedkeys.gpg --import

`;
}
