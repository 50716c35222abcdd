import type { SuiteState } from '../catalog/contract.ts';
import type { SuiteConfig } from '../config/config.ts';
import { sha256Hex } from '../core/digest.ts';
import { about, EspejoError, isEspejoError } from '../core/errors.ts';
import type { Job } from '../core/progress.ts';
import { redactUrl } from '../core/redact.ts';
import { parseRelease, type Release } from '../deb/release.ts';
import { isFlatSuite, suiteDirectory } from '../deb/suite-directory.ts';
import type { Fetcher, Validators } from '../fetch/fetcher.ts';
import type { CheckedSignature, Keyring } from '../openpgp/contract.ts';
import { verifyClearsigned, verifyDetached } from '../openpgp/verify.ts';
import { isAbsent, isForbidden } from './absent.ts';
import { assertAcceptable, assertNotExpired, assertSigned, type TrustPolicy } from './trust.ts';

/** What a suite says of itself now, after the whole trust chain. */
export type SuiteRelease = ReleasePlace & {
  readonly content: Buffer;
  readonly sha256: string;
  readonly release: Release;
};

/** Where a Release came from, for the next conditional request. */
export type ReleasePlace = {
  /** The archive root that answered. */
  readonly url: string;
  readonly validators: Validators;
  /** Signed by a Release.gpg beside it. */
  readonly detached: boolean;
};

export type ReleaseCheck =
  /** The accepted Release is still upstream's: nothing was transferred, or the same bytes. */
  | { readonly kind: 'unchanged'; readonly place: ReleasePlace }
  | { readonly kind: 'changed'; readonly suite: SuiteRelease };

type Question = {
  readonly fetcher: Fetcher;
  readonly keyring: Keyring;
  readonly suite: SuiteConfig;
  /** What was accepted before, if anything; a Release may not be older. */
  readonly accepted: SuiteState | undefined;
  /** The same when its content is still kept and was accepted under the same trust: "unchanged" is a useful answer. */
  readonly comparable: SuiteState | undefined;
  readonly policy: TrustPolicy;
  readonly maxBytes: number;
  readonly now: Date;
};

/**
 * Asks a suite for its Release: InRelease, or Release with Release.gpg where there is none. A URL that fails, be it
 * in transport or in trust, gives way to the next one; when all fail, the first failure of trust is thrown, else the last.
 * @throws the codes of trust.ts, E_RELEASE_SYNTAX, E_FETCH_*
 */
export async function checkRelease(question: Question, job: Job): Promise<ReleaseCheck> {
  const failures: unknown[] = [];
  for (const url of question.suite.urls) {
    try {
      return await checkReleaseAt(url, question, job);
    } catch (error) {
      if (job.signal.aborted || !isEspejoError(error)) throw error;
      failures.push(error);
      if (question.suite.urls.length > failures.length) {
        job.report({ type: 'warning', message: `${error.message}; trying the next URL` });
      }
    }
  }
  throw failures.find((error) => !isTransportFailure(error)) ?? failures.at(-1);
}

function isTransportFailure(error: unknown): boolean {
  return isEspejoError(error) && error.code.startsWith('E_FETCH_');
}

async function checkReleaseAt(url: string, question: Question, job: Job): Promise<ReleaseCheck> {
  const { accepted, comparable, policy, now, suite } = question;
  const what = `${url}${suiteDirectory(suite.name)}InRelease`;
  const found = await fetchSigned(url, question, job);
  const { content, validators, detached } = found;
  if (content === undefined || sha256Hex(content) === comparable?.releaseSha256) {
    const validUntil = comparable?.validUntil ?? undefined;
    if (policy.checkValidUntil && validUntil !== undefined) {
      assertNotExpired(new Date(validUntil), { what: redactUrl(what), now });
    }
    return { kind: 'unchanged', place: { url, validators, detached } };
  }
  const release = parseRelease(content, redactUrl(what));
  for (const message of release.faults) job.report({ type: 'warning', message });
  assertAcceptable(
    release,
    {
      what: redactUrl(what),
      suite: expectedName(suite),
      acceptedDate: accepted?.releaseDate ?? undefined,
      isSuperseded: accepted?.superseded?.includes(sha256Hex(content)) === true,
      now,
    },
    policy,
  );
  return {
    kind: 'changed',
    suite: { url, content, validators, detached, sha256: sha256Hex(content), release },
  };
}

/** A flat archive has no directory below `dists/` to be named after. */
function expectedName({ name, expect }: SuiteConfig): string | undefined {
  return expect ?? (isFlatSuite(name) ? undefined : name);
}

type SignedContent = {
  /** Undefined: as accepted before. */
  readonly content: Buffer | undefined;
  readonly validators: Validators;
  readonly detached: boolean;
};

/**
 * An archive that had no InRelease last time is first asked whether its Release is still the same. Where everything is
 * forbidden, that is told, for it says more than that something is not there.
 */
async function fetchSigned(url: string, question: Question, job: Job): Promise<SignedContent> {
  const same = await fetchUnchangedDetached(url, question, job);
  if (same !== undefined) return same;
  try {
    return await fetchInRelease(url, question, job);
  } catch (error) {
    if (!isEspejoError(error) || !isAbsent(error)) throw error;
    return await fetchDetached(url, question, job).catch((second: unknown) => {
      if (!isEspejoError(second) || !isAbsent(second)) throw second;
      const telling = [error, second].find(isForbidden);
      throw telling ?? noRelease(url, question.suite.name, second);
    });
  }
}

async function fetchInRelease(url: string, question: Question, job: Job): Promise<SignedContent> {
  const { fetcher, keyring, suite, policy, maxBytes, now } = question;
  const target = `${url}${suiteDirectory(suite.name)}InRelease`;
  const validators = knownValidators(url, question, false);
  const answer = await fetcher.document({ urls: [target], maxBytes, ...conditional(validators) }, job);
  if (answer.kind === 'unmodified') return { content: undefined, validators, detached: false };
  const { content, signatures } = await naming(target, verifyClearsigned(answer.bytes, keyring, now));
  if (policy.verifySignatures) believe(target, signatures, policy, job);
  return { content, validators: answer.validators, detached: false };
}

/** Without a second look at the signature: these very bytes were verified when they were accepted. */
async function fetchUnchangedDetached(
  url: string,
  question: Question,
  job: Job,
): Promise<SignedContent | undefined> {
  const { fetcher, suite, comparable, maxBytes } = question;
  if (comparable?.detached !== true || comparable.url !== redactUrl(url)) return undefined;
  const target = { urls: [`${url}${suiteDirectory(suite.name)}Release`], maxBytes };
  const validators = knownValidators(url, question, true);
  try {
    const answer = await fetcher.document({ ...target, ...conditional(validators) }, job);
    if (answer.kind === 'unmodified') return { content: undefined, validators, detached: true };
    if (sha256Hex(answer.bytes) !== comparable.releaseSha256) return undefined;
    return { content: undefined, validators: answer.validators, detached: true };
  } catch (error) {
    if (!isAbsent(error)) throw error;
    return undefined;
  }
}

/** Release and Release.gpg. */
async function fetchDetached(url: string, question: Question, job: Job): Promise<SignedContent> {
  const { fetcher, keyring, suite, policy, maxBytes, now } = question;
  const target = `${url}${suiteDirectory(suite.name)}Release`;
  const { bytes: content, validators } = await fetchDocument(fetcher, target, maxBytes, job);
  if (!policy.verifySignatures) return { content, validators, detached: true };
  const signature = await fetchDocument(fetcher, `${target}.gpg`, maxBytes, job).catch((error: unknown) => {
    if (!isAbsent(error)) throw error;
    return undefined;
  });
  const signatures =
    signature === undefined
      ? []
      : await naming(`${target}.gpg`, verifyDetached(content, signature.bytes, keyring, now));
  believe(target, signatures, policy, job);
  return { content, validators, detached: true };
}

/** @throws what {@link assertSigned} throws */
function believe(
  url: string,
  signatures: readonly CheckedSignature[],
  policy: TrustPolicy,
  { report }: Job,
): void {
  for (const message of assertSigned(redactUrl(url), signatures, policy))
    report({ type: 'warning', message });
}

/** Puts the URL into errors of a check that does not know it. */
async function naming<Result>(url: string, check: Promise<Result>): Promise<Result> {
  return check.catch((error: unknown) => {
    throw about(redactUrl(url), error);
  });
}

async function fetchDocument(
  fetcher: Fetcher,
  url: string,
  maxBytes: number,
  job: Job,
): Promise<{ readonly bytes: Buffer; readonly validators: Validators }> {
  const answer = await fetcher.document({ urls: [url], maxBytes }, job);
  if (answer.kind === 'document') return answer;
  throw new EspejoError(
    'E_FETCH_STATUS',
    `${redactUrl(url)}: answered "not modified" to an unconditional request`,
  );
}

/** Validators hold for the file that gave them. */
function knownValidators(url: string, { comparable }: Question, detached: boolean): Validators {
  if (comparable?.url !== redactUrl(url) || (comparable.detached ?? false) !== detached) return {};
  return {
    ...(comparable.etag === null ? {} : { etag: comparable.etag }),
    ...(comparable.lastModified === null ? {} : { lastModified: comparable.lastModified }),
  };
}

function conditional(validators: Validators): { readonly validators?: Validators } {
  return Object.keys(validators).length === 0 ? {} : { validators };
}

function noRelease(url: string, suite: string, cause: EspejoError): EspejoError {
  return new EspejoError(
    'E_FETCH_NOT_FOUND',
    `${redactUrl(url + suiteDirectory(suite)).replace(/\/$/, '')}: has neither InRelease nor Release`,
    {
      cause,
      hint: 'check "url" and "suites" of the mirror',
    },
  );
}
