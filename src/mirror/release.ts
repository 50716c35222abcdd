import type { AcceptedRelease } from '../catalog/objects.ts';
import { sha256Hex } from '../core/digest.ts';
import { about, EspejoError, invariant, isEspejoError } from '../core/errors.ts';
import { redactUrl } from '../core/redact.ts';
import { isDigestField } from '../deb/field-names.ts';
import { fieldText } from '../deb/field-text.ts';
import { parseRelease, type Release } from '../deb/release.ts';
import { isFlatSuite, suiteDirectory } from '../deb/suite-directory.ts';
import type { Fetcher, Validators } from '../fetch/fetcher.ts';
import { joinUrl } from '../fetch/url.ts';
import { splitClearsigned } from '../openpgp/clearsigned.ts';
import type { CheckedSignature, Keyring } from '../openpgp/contract.ts';
import type { AllowedDoubts } from '../openpgp/doubts.ts';
import { verifyClearsigned, verifyDetached } from '../openpgp/verify.ts';
import type { Job } from '../packages/events.ts';
import { isAbsent, isForbidden } from './absent.ts';
import { inAptlyWords } from './aptly-words.ts';
import { assertAcceptable, assertNotExpired, assertSigned, releaseConcerns } from './trust.ts';
import type { UpstreamFiles } from './upstream-files.ts';

/** How much is asked of a Release beside a signature. */
export type ReleasePolicy = AllowedDoubts & {
  /**
   * `strict`, as apt: what is wrong with suite, dates or digests is refused, and an InRelease that is there decides. `aptly`, for
   * mirrors made by hand, whose archives may be closed, frozen or labelled in their own way: that is told, and any fault of
   * InRelease lets Release with Release.gpg decide; errors are in aptly's words.
   */
  readonly manner: 'strict' | 'aptly';
  readonly checkValidUntil: boolean;
  readonly checkDate: boolean;
};

/** What is asked of a suite, and of whom. */
export type ReleaseQuestion = {
  readonly fetcher: Fetcher;
  /** Its directory below `dists/`, or a path for a flat archive. */
  readonly suite: string;
  /** What it may call itself instead. */
  readonly expect?: string | undefined;
  /** Archive roots with a slash at the end, best first. */
  readonly urls: readonly string[];
  /** Undefined: signatures are not looked at. */
  readonly keyring: Keyring | undefined;
  readonly policy: ReleasePolicy;
  /** What was accepted before, if anything; a Release may not be older. */
  readonly accepted: Pick<AcceptedRelease, 'releaseDate' | 'superseded'> | undefined;
  /** The same when its content is still kept and was accepted under the same trust: "unchanged" is a useful answer. */
  readonly comparable: ComparableRelease | undefined;
  readonly maxBytes: number;
  readonly now: Date;
  /** How often each file is tried at least. */
  readonly tries?: number;
};

/** An accepted Release with its content. */
export type ComparableRelease = { readonly accepted: AcceptedRelease; readonly content: Buffer };

/** Where a Release came from, for the next conditional request. */
export type ReleaseSource = {
  /** The archive root that answered. */
  readonly url: string;
  readonly validators: Validators;
  /** Not an InRelease. */
  readonly detached: boolean;
};

/** What a suite says of itself now, after the whole trust chain. */
export type SuiteRelease = ReleaseSource & {
  /** The accepted Release is still upstream's: nothing was transferred, or the same bytes. */
  readonly isUnchanged: boolean;
  readonly content: Buffer;
  readonly sha256: string;
  readonly release: Release;
};

/**
 * Asks a suite for its Release: InRelease, or Release with Release.gpg. A URL that fails, be it in transport or in trust, gives
 * way to the next one; when all fail, the first failure of trust is thrown, else the last.
 * @throws the codes of trust.ts, E_RELEASE_SYNTAX, E_FETCH_*, E_SIZE_LIMIT, E_UNSAFE_PATH
 */
export async function askRelease(question: ReleaseQuestion, job: Job): Promise<SuiteRelease> {
  const failures: unknown[] = [];
  for (const url of question.urls) {
    try {
      return await askAt({ ...question, url, job });
    } catch (error) {
      if (job.signal.aborted || !isEspejoError(error)) throw error;
      failures.push(error);
      if (question.urls.length > failures.length) {
        job.report({ type: 'warning', message: `${error.message}; trying the next URL` });
      }
    }
  }
  throw failures.find((error) => !isTransportFailure(error)) ?? failures.at(-1);
}

/** The fields of a Release without its lists of files, as mirrors keep them. */
export function metaOf({ stanza }: Release): Readonly<Record<string, string>> {
  const fields = stanza.fields.filter(({ name }) => !isDigestField(name));
  return Object.fromEntries(fields.map(({ name, value }) => [name, fieldText(name, value)]));
}

/** Enough for years of daily updates would be much; an upstream that replays does so with what is near. */
const maxSuperseded = 100;

/** What is to be remembered of a Release. */
export function acceptedRelease(
  { sha256, release, ...source }: Omit<SuiteRelease, 'content' | 'isUnchanged'>,
  before: AcceptedRelease | undefined,
  trustId: string,
): AcceptedRelease {
  const earlier = before === undefined ? [] : [before.releaseSha256, ...(before.superseded ?? [])];
  return {
    ...sourceState(source),
    trustId,
    releaseSha256: sha256,
    releaseDate: release.date?.getTime() ?? null,
    superseded: earlier.filter((one) => one !== sha256).slice(0, maxSuperseded),
    validUntil: release.validUntil?.getTime() ?? null,
  };
}

/** What was accepted, when its content is still kept and the trust is the same. */
export async function comparableRelease(
  files: Pick<UpstreamFiles, 'document'>,
  accepted: AcceptedRelease | undefined,
  trustId: string,
): Promise<ComparableRelease | undefined> {
  if (accepted === undefined || accepted.trustId !== trustId) return undefined;
  const content = await files.document(accepted.releaseSha256);
  return content === undefined ? undefined : { accepted, content };
}

/** The part of it that changes also when the Release does not. */
function sourceState({
  url,
  validators,
  detached,
}: ReleaseSource): Pick<AcceptedRelease, 'url' | 'detached' | 'etag' | 'lastModified'> {
  return {
    url: redactUrl(url),
    detached,
    etag: validators.etag ?? null,
    lastModified: validators.lastModified ?? null,
  };
}

/** Changes with the keys that are trusted, with whether signatures count at all and with which are enough. */
export function trustIdOf(
  keyring: Keyring | undefined,
  { allowWeakSignatures, allowExpiredKeys }: AllowedDoubts,
): string {
  const fingerprints = new Set((keyring?.keys ?? []).map(({ fingerprint }) => fingerprint));
  const verifySignatures = keyring !== undefined;
  const allowed = {
    ...(allowWeakSignatures ? { allowWeakSignatures } : {}),
    ...(allowExpiredKeys ? { allowExpiredKeys } : {}),
  };
  return sha256Hex(JSON.stringify({ verifySignatures, fingerprints: [...fingerprints].sort(), ...allowed }));
}

type Asking = ReleaseQuestion & { readonly url: string; readonly job: Job };

async function askAt(asking: Asking): Promise<SuiteRelease> {
  const { url, comparable, policy, now } = asking;
  const { content: fetched, validators, detached, at } = await fetchSigned(asking);
  const content = fetched ?? comparable?.content;
  invariant(content !== undefined, 'only a Release that is kept can be unchanged');
  const what = redactUrl(at);
  const sha256 = sha256Hex(content);
  const release = parseRelease(content, what);
  const isUnchanged = sha256 === comparable?.accepted.releaseSha256;
  if (!isUnchanged || policy.manner === 'aptly') accept(release, { what, sha256 }, asking);
  else if (policy.checkValidUntil) assertNotExpired(release.validUntil, { what, now });
  return { url, isUnchanged, content, validators, detached, sha256, release };
}

function accept(
  release: Release,
  { what, sha256 }: { readonly what: string; readonly sha256: string },
  { suite, expect, accepted, policy, now, job }: Asking,
): void {
  for (const message of release.faults) job.report({ type: 'warning', message });
  const expectation = {
    what,
    // A flat archive has no directory below `dists/` to be named after.
    suite: expect ?? (isFlatSuite(suite) ? undefined : suite),
    acceptedDate: accepted?.releaseDate ?? undefined,
    isSuperseded: accepted?.superseded?.includes(sha256) === true,
    now,
  };
  if (policy.manner === 'strict') {
    assertAcceptable(release, expectation, policy);
    return;
  }
  for (const { message } of releaseConcerns(release, expectation)) job.report({ type: 'warning', message });
}

type SignedContent = {
  /** Undefined: as accepted before. */
  readonly content: Buffer | undefined;
  readonly validators: Validators;
  readonly detached: boolean;
  /** The URL of the file that is read. */
  readonly at: string;
};

/**
 * An archive that had no InRelease last time is first asked whether its Release is still the same; aptly looks for InRelease
 * in any case.
 */
async function fetchSigned(asking: Asking): Promise<SignedContent> {
  const { keyring, policy } = asking;
  const same = policy.manner === 'strict' ? await unchangedDetached(asking) : undefined;
  if (same !== undefined) return same;
  const ways = [() => inRelease(asking), () => detachedRelease(asking)] as const;
  // aptly looks for the plain file first where nobody asks for a signature.
  const isPlainFirst = policy.manner === 'aptly' && keyring === undefined;
  const [first, second] = isPlainFirst ? ([ways[1], ways[0]] as const) : ways;
  try {
    return await first();
  } catch (error) {
    if (!givesWay(error, asking)) throw error;
    return await second().catch((last: unknown) => {
      throw policy.manner === 'strict' ? moreTelling(error, last, asking) : firstOfTrust(error, last);
    });
  }
}

/** Whether the other files of a Release are worth a look after a failure. */
function givesWay(error: unknown, { policy, job }: Asking): error is EspejoError {
  if (job.signal.aborted || !isEspejoError(error)) return false;
  if (policy.manner === 'strict') return isAbsent(error);
  // To ask a host that cannot be reached for another file is waiting in vain.
  return !outOfReach.has(error.context['system']);
}

const outOfReach: ReadonlySet<unknown> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
]);

/** Where everything is forbidden, that is told, for it says more than that something is not there. */
function moreTelling(first: EspejoError, second: unknown, { url, suite }: Asking): unknown {
  if (!isEspejoError(second) || !isAbsent(second)) return second;
  return [first, second].find(isForbidden) ?? noRelease(url, suite, second);
}

/** The failure that says more: a file that is there but not trusted, else the last one. */
function firstOfTrust(first: EspejoError, second: unknown): unknown {
  return isTransportFailure(second) && !isTransportFailure(first) ? first : second;
}

function isTransportFailure(error: unknown): boolean {
  return isEspejoError(error) && error.code.startsWith('E_FETCH_');
}

/** What stands outside of the signed text is refused also when nobody looks at the signature. */
async function inRelease(asking: Asking): Promise<SignedContent> {
  const { keyring, now } = asking;
  const at = urlOf(asking, 'InRelease');
  const known = knownValidators(asking, false);
  const answer = await fetchFile(asking, at, known);
  if (answer === undefined) return { content: undefined, validators: known, detached: false, at };
  const { bytes, validators } = answer;
  if (keyring === undefined) {
    const { content } = await naming(at, async () => splitClearsigned(bytes));
    return { content, validators, detached: false, at };
  }
  const { content, signatures } = await naming(at, () => verifyClearsigned(bytes, keyring, now));
  believe(at, signatures, asking);
  return { content, validators, detached: false, at };
}

/** Without a second look at the signature: these very bytes were verified when they were accepted. */
async function unchangedDetached(asking: Asking): Promise<SignedContent | undefined> {
  const { comparable, url } = asking;
  const { accepted } = comparable ?? {};
  if (accepted?.detached !== true || accepted.url !== redactUrl(url)) return undefined;
  const at = urlOf(asking, 'Release');
  const known = knownValidators(asking, true);
  try {
    const answer = await fetchFile(asking, at, known);
    const isSame = answer === undefined || sha256Hex(answer.bytes) === accepted.releaseSha256;
    return isSame
      ? { content: undefined, validators: answer?.validators ?? known, detached: true, at }
      : undefined;
  } catch (error) {
    if (!isAbsent(error)) throw error;
    return undefined;
  }
}

/** Release and Release.gpg. */
async function detachedRelease(asking: Asking): Promise<SignedContent> {
  const { keyring, policy, now, comparable } = asking;
  const at = urlOf(asking, 'Release');
  const known = knownValidators(asking, true);
  const answer = await fetchFile(asking, at, known);
  if (answer === undefined) return { content: undefined, validators: known, detached: true, at };
  const { bytes: content, validators } = answer;
  if (sha256Hex(content) === comparable?.accepted.releaseSha256)
    return { content, validators, detached: true, at };
  if (keyring === undefined) return { content, validators, detached: true, at };
  const signature = await fetchWhole(asking, `${at}.gpg`).catch((error: unknown) => {
    if (policy.manner === 'aptly' || !isAbsent(error)) throw error;
    return undefined;
  });
  const signatures =
    signature === undefined
      ? []
      : await naming(`${at}.gpg`, () => verifyDetached(content, signature.bytes, keyring, now));
  believe(at, signatures, asking);
  return { content, validators, detached: true, at };
}

/** @throws what {@link assertSigned} throws */
function believe(at: string, signatures: readonly CheckedSignature[], { policy, job }: Asking): void {
  for (const message of assertSigned(redactUrl(at), signatures, policy))
    job.report({ type: 'warning', message });
}

/** Puts the URL into errors of a check that does not know it. */
async function naming<Result>(url: string, check: () => Promise<Result>): Promise<Result> {
  try {
    return await check();
  } catch (error) {
    throw about(redactUrl(url), error);
  }
}

function urlOf({ url, suite }: Asking, name: string): string {
  return joinUrl(url, suiteDirectory(suite) + name);
}

type Answer = { readonly bytes: Buffer; readonly validators: Validators };

/** Undefined: not modified. */
async function fetchFile(
  { fetcher, maxBytes, tries, policy, job }: Asking,
  url: string,
  validators: Validators,
): Promise<Answer | undefined> {
  job.report({ type: 'downloading', url: redactUrl(url) });
  const conditional = Object.keys(validators).length === 0 ? {} : { validators };
  const target = { urls: [url], maxBytes, ...(tries === undefined ? {} : { tries }), ...conditional };
  try {
    const answer = await fetcher.document(target, job);
    return answer.kind === 'document' ? answer : undefined;
  } catch (error) {
    throw policy.manner === 'aptly' ? inAptlyWords(error) : error;
  }
}

async function fetchWhole(asking: Asking, url: string): Promise<Answer> {
  const answer = await fetchFile(asking, url, {});
  if (answer !== undefined) return answer;
  throw new EspejoError(
    'E_FETCH_STATUS',
    `${redactUrl(url)}: answered "not modified" to an unconditional request`,
  );
}

/** Validators hold for the file that gave them. */
function knownValidators({ comparable, url }: Asking, detached: boolean): Validators {
  const { accepted } = comparable ?? {};
  if (accepted?.url !== redactUrl(url) || (accepted.detached ?? false) !== detached) return {};
  return {
    ...(accepted.etag === null ? {} : { etag: accepted.etag }),
    ...(accepted.lastModified === null ? {} : { lastModified: accepted.lastModified }),
  };
}

function noRelease(url: string, suite: string, cause: EspejoError): EspejoError {
  return new EspejoError(
    'E_FETCH_NOT_FOUND',
    `${redactUrl(url + suiteDirectory(suite)).replace(/\/$/, '')}: has neither InRelease nor Release`,
    { cause, hint: 'check "url" and "suites" of the mirror' },
  );
}
