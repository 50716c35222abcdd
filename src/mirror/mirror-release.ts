import type { MirrorObject } from '../catalog/objects.ts';
import { isEspejoError } from '../core/errors.ts';
import type { Job } from '../core/progress.ts';
import type { Release } from '../deb/release.ts';
import { parseReleaseDate } from '../deb/release-date.ts';
import type { Fetcher } from '../fetch/fetcher.ts';
import { loggedIn } from '../fetch/logged-in.ts';
import { loadVerifyingKeyring } from '../keys/verifying-keyring.ts';
import type { Keyring } from '../openpgp/contract.ts';
import { allowedByGpgv } from '../openpgp/doubts.ts';
import { chooseParts } from './choose-parts.ts';
import type { MirrorPorts } from './ports.ts';
import {
  acceptedRelease,
  askRelease,
  comparableRelease,
  metaOf,
  type ReleasePolicy,
  trustIdOf,
} from './release.ts';

/** How the Release file of a mirror is got. */
export type ReleaseAccess = {
  /** Undefined: signatures are not looked at. */
  readonly keyring: Keyring | undefined;
  /** How often each file is tried at least. */
  readonly tries: number;
  /** Is told each URL before it is fetched. */
  readonly onDownload?: (url: string) => void;
};

/** Signatures are believed as gpgv believes them, and so aptly; what speaks against them is told. */
const policy: ReleasePolicy = {
  ...allowedByGpgv,
  manner: 'aptly',
  checkValidUntil: true,
  checkDate: true,
};

/** @throws E_KEYRING_INVALID */
export async function mirrorKeyring(
  ports: MirrorPorts,
  {
    ignoreSignatures,
    keyrings,
  }: { readonly ignoreSignatures: boolean; readonly keyrings: readonly string[] },
): Promise<Keyring | undefined> {
  return ignoreSignatures ? undefined : await loadVerifyingKeyring(ports, keyrings);
}

/**
 * The Release file of a mirror now, and the mirror with what it says: components, architectures, fields and what is to be
 * remembered of it. It is kept in the store of indexes, so that the next question is a conditional one.
 * @throws what {@link askRelease} and {@link chooseParts} throw
 */
export async function mirrorRelease(
  { ports, fetcher }: { readonly ports: MirrorPorts; readonly fetcher: Fetcher },
  mirror: MirrorObject,
  { keyring, tries, onDownload }: ReleaseAccess,
  job: Job,
): Promise<{ readonly release: Release; readonly mirror: MirrorObject }> {
  const { files, config, now } = ports;
  const trustId = trustIdOf(keyring, policy);
  const answer = await askRelease(
    {
      fetcher,
      suite: mirror.distribution,
      urls: [mirror.archiveRoot],
      keyring,
      policy,
      accepted: mirror.release ?? { releaseDate: dateOf(mirror.meta['Date']) },
      comparable: await comparableRelease(files, mirror.release, trustId),
      maxBytes: config.limits.releaseBytes,
      now: now(),
      tries,
      onDownload,
    },
    job,
  );
  const { release } = answer;
  if (!answer.isUnchanged) await files.keepDocument(answer.content);
  const parts = chooseParts(release, mirror);
  return {
    release,
    mirror: {
      ...mirror,
      ...parts,
      meta: metaOf(release),
      release: acceptedRelease(answer, mirror.release, trustId),
    },
  };
}

/**
 * The mirror with what its Release file says now: components, architectures and fields.
 * @throws as {@link mirrorRelease}
 */
export async function withRelease(
  ports: MirrorPorts,
  before: MirrorObject,
  access: ReleaseAccess,
  job: Job,
): Promise<MirrorObject> {
  const fetcher = loggedIn(ports.fetcher, before);
  const { mirror } = await mirrorRelease({ ports, fetcher }, before, access, job);
  const { release: _, ...found } = mirror;
  return found;
}

/** Null for none that can be read. */
function dateOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  try {
    return parseReleaseDate(text).getTime();
  } catch (error) {
    if (isEspejoError(error, 'E_CONTROL_SYNTAX')) return null;
    throw error;
  }
}
