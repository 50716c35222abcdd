import type { AcceptedRelease, MirrorObject } from '../catalog/objects.ts';
import { inStage, isEspejoError } from '../core/errors.ts';
import type { Release } from '../deb/release.ts';
import { parseReleaseDate } from '../deb/release-date.ts';
import type { Fetcher } from '../fetch/fetcher.ts';
import { loggedIn } from '../fetch/logged-in.ts';
import { loadVerifyingKeyring } from '../keys/verifying-keyring.ts';
import type { Keyring } from '../openpgp/contract.ts';
import { allowedByGpgv } from '../openpgp/doubts.ts';
import type { Job } from '../packages/events.ts';
import { chooseParts } from './choose-parts.ts';
import type { MirrorPorts } from './ports.ts';
import {
  acceptedRelease,
  askRelease,
  comparableRelease,
  metaOf,
  type ReleasePolicy,
  type ReleaseQuestion,
  type SuiteRelease,
  trustIdOf,
} from './release.ts';
import type { SyncPorts } from './request.ts';

/** How the Release file of a mirror is got, and who may have signed it. */
export type ReleaseAccess = {
  /** Signatures are not looked at. */
  readonly ignoreSignatures: boolean;
  /** Names of keyrings; empty: those that are trusted. */
  readonly keyrings: readonly string[];
  /** How often each file is tried at least. */
  readonly tries: number;
};

/** Signatures are believed as gpgv believes them, and so aptly; what speaks against them is told. */
const policy: ReleasePolicy = {
  ...allowedByGpgv,
  manner: 'aptly',
  checkValidUntil: true,
  checkDate: true,
};

/** Undefined: signatures are not looked at. @throws E_KEYRING_INVALID, of the stage `verify` */
export async function mirrorKeyring(
  ports: MirrorPorts,
  { ignoreSignatures, keyrings }: Pick<ReleaseAccess, 'ignoreSignatures' | 'keyrings'>,
): Promise<Keyring | undefined> {
  if (ignoreSignatures) return undefined;
  return await inStage('verify', () => loadVerifyingKeyring(ports, keyrings));
}

/** Who may have signed the Release of a mirror, and how often each file is tried. */
export type ReleaseTrust = { readonly keyring: Keyring | undefined; readonly tries: number };

/**
 * The Release file of a mirror now, and the mirror with what it says: components, architectures, fields and what is to be
 * remembered of it. It is kept in the store of indexes, so that the next question is a conditional one.
 * @throws what {@link askRelease} and {@link chooseParts} throw
 */
export async function mirrorRelease(
  { ports, fetcher }: { readonly ports: MirrorPorts; readonly fetcher: Fetcher },
  mirror: MirrorObject,
  { keyring, tries }: ReleaseTrust,
  job: Job,
): Promise<{ readonly release: Release; readonly mirror: MirrorObject }> {
  const question = {
    fetcher,
    suite: mirror.distribution,
    urls: [mirror.archiveRoot],
    keyring,
    policy,
    accepted: mirror.release ?? { releaseDate: dateOf(mirror.meta['Date']) },
    tries,
  };
  const { release, accepted } = await currentRelease(ports, question, mirror.release, job);
  const parts = chooseParts(release, mirror);
  return { release, mirror: { ...mirror, ...parts, meta: metaOf(release), release: accepted } };
}

/** What a suite says of itself now, and what is to be remembered of it. */
export type CurrentRelease = SuiteRelease & { readonly accepted: AcceptedRelease };

/**
 * Asks a suite for its Release, as {@link askRelease}; one that is new is kept in the store of indexes, so that the next
 * question is a conditional one.
 * @param before what was accepted last
 */
export async function currentRelease(
  { files, config, now }: Pick<SyncPorts, 'files' | 'config' | 'now'>,
  question: Omit<ReleaseQuestion, 'comparable' | 'maxBytes' | 'now'>,
  before: AcceptedRelease | undefined,
  job: Job,
): Promise<CurrentRelease> {
  const trustId = trustIdOf(question.keyring, question.policy);
  const comparable = await comparableRelease(files, before, trustId);
  const maxBytes = config.limits.releaseBytes;
  const answer = await askRelease({ ...question, comparable, maxBytes, now: now() }, job);
  if (!answer.isUnchanged) await files.keepDocument(answer.content);
  return { ...answer, accepted: acceptedRelease(answer, before, trustId) };
}

/**
 * The mirror with what its Release file says now: components, architectures and fields.
 * @throws as {@link mirrorRelease}
 */
export async function withRelease(
  ports: MirrorPorts,
  before: MirrorObject,
  trust: ReleaseTrust,
  job: Job,
): Promise<MirrorObject> {
  const fetcher = loggedIn(ports.fetcher, before);
  const { mirror } = await mirrorRelease({ ports, fetcher }, before, trust, job);
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
