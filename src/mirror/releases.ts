import type { SuiteState } from '../catalog/contract.ts';
import type { SuiteConfig } from '../config/config.ts';
import { sha256Hex } from '../core/digest.ts';
import { about, EspejoError, isEspejoError } from '../core/errors.ts';
import type { Job } from '../core/progress.ts';
import { redactUrl } from '../core/redact.ts';
import { parseRelease, type Release } from '../deb/release.ts';
import type { Fetcher, Validators } from '../fetch/fetcher.ts';
import type { Keyring } from '../openpgp/contract.ts';
import { verifyClearsigned, verifyDetached } from '../openpgp/verify.ts';
import { assertAcceptable, assertNotExpired, assertSigned, type TrustPolicy } from './trust.ts';

/** What a suite says of itself now, after the whole trust chain. */
export type SuiteRelease = {
  /** The archive root that answered. */
  readonly url: string;
  readonly validators: Validators;
  readonly content: Buffer;
  readonly sha256: string;
  readonly release: Release;
};

export type ReleaseCheck =
  /** The accepted Release is still upstream's: nothing was transferred, or the same bytes. */
  { readonly kind: 'unchanged' } | { readonly kind: 'changed'; readonly suite: SuiteRelease };

type Question = {
  readonly fetcher: Fetcher;
  readonly keyring: Keyring;
  readonly suite: SuiteConfig;
  /** What was accepted before, if anything; a Release may not be older. */
  readonly accepted: SuiteState | undefined;
  /** The same when its content is still kept, so that "unchanged" is a useful answer. */
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
  const what = `${url}dists/${suite.name}/InRelease`;
  const found = await fetchSigned(url, question, job);
  if (
    found === 'unmodified' ||
    (comparable !== undefined && sha256Hex(found.content) === comparable.releaseSha256)
  ) {
    const validUntil = comparable?.validUntil ?? undefined;
    if (policy.checkValidUntil && validUntil !== undefined) {
      assertNotExpired(new Date(validUntil), { what: redactUrl(what), now });
    }
    return { kind: 'unchanged' };
  }
  const release = parseRelease(found.content, redactUrl(what));
  assertAcceptable(
    release,
    { what: redactUrl(what), suite: suite.name, acceptedDate: accepted?.releaseDate, now },
    policy,
  );
  return { kind: 'changed', suite: { url, ...found, sha256: sha256Hex(found.content), release } };
}

type SignedContent = { readonly content: Buffer; readonly validators: Validators };

async function fetchSigned(url: string, question: Question, job: Job): Promise<SignedContent | 'unmodified'> {
  try {
    return await fetchInRelease(url, question, job);
  } catch (error) {
    if (!isEspejoError(error, 'E_FETCH_NOT_FOUND')) throw error;
    return await fetchDetached(url, question, job).catch((second: unknown) => {
      throw isEspejoError(second, 'E_FETCH_NOT_FOUND') ? noRelease(url, question.suite.name, second) : second;
    });
  }
}

async function fetchInRelease(
  url: string,
  question: Question,
  job: Job,
): Promise<SignedContent | 'unmodified'> {
  const { fetcher, keyring, suite, policy, maxBytes, now } = question;
  const target = `${url}dists/${suite.name}/InRelease`;
  const answer = await fetcher.document({ urls: [target], maxBytes, ...conditional(url, question) }, job);
  if (answer.kind === 'unmodified') return 'unmodified';
  const { content, signatures } = await naming(target, verifyClearsigned(answer.bytes, keyring, now));
  if (policy.verifySignatures) assertSigned(redactUrl(target), signatures);
  return { content, validators: answer.validators };
}

/** Release and Release.gpg; the pair carries no validators, since two files cannot be asked for as one. */
async function fetchDetached(url: string, question: Question, job: Job): Promise<SignedContent> {
  const { fetcher, keyring, suite, policy, maxBytes, now } = question;
  const target = `${url}dists/${suite.name}/Release`;
  const content = await fetchBytes(fetcher, target, maxBytes, job);
  if (!policy.verifySignatures) return { content, validators: {} };
  const signature = await fetchBytes(fetcher, `${target}.gpg`, maxBytes, job).catch((error: unknown) => {
    if (!isEspejoError(error, 'E_FETCH_NOT_FOUND')) throw error;
    return undefined;
  });
  const signatures =
    signature === undefined
      ? []
      : await naming(`${target}.gpg`, verifyDetached(content, signature, keyring, now));
  assertSigned(redactUrl(target), signatures);
  return { content, validators: {} };
}

/** Puts the URL into errors of a check that does not know it. */
async function naming<Result>(url: string, check: Promise<Result>): Promise<Result> {
  return check.catch((error: unknown) => {
    throw about(redactUrl(url), error);
  });
}

async function fetchBytes(fetcher: Fetcher, url: string, maxBytes: number, job: Job): Promise<Buffer> {
  const answer = await fetcher.document({ urls: [url], maxBytes }, job);
  if (answer.kind === 'document') return answer.bytes;
  throw new EspejoError(
    'E_FETCH_STATUS',
    `${redactUrl(url)}: answered "not modified" to an unconditional request`,
  );
}

/** Validators hold for the URL that gave them. */
function conditional(url: string, { comparable: accepted }: Question): { readonly validators?: Validators } {
  if (accepted === undefined || accepted.url !== url) return {};
  const validators: Validators = {
    ...(accepted.etag === null ? {} : { etag: accepted.etag }),
    ...(accepted.lastModified === null ? {} : { lastModified: accepted.lastModified }),
  };
  return Object.keys(validators).length === 0 ? {} : { validators };
}

function noRelease(url: string, suite: string, cause: EspejoError): EspejoError {
  return new EspejoError(
    'E_FETCH_NOT_FOUND',
    `${redactUrl(url)}dists/${suite}: has neither InRelease nor Release`,
    {
      cause,
      hint: 'check "url" and "suites" of the mirror',
    },
  );
}
