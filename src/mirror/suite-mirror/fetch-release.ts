import { about, EspejoError, isEspejoError } from '../../core/errors.ts';
import type { Job } from '../../core/progress.ts';
import { redactUrl } from '../../core/redact.ts';
import { fieldText } from '../../deb/field-text.ts';
import { parseRelease, type Release } from '../../deb/release.ts';
import { parseReleaseDate } from '../../deb/release-date.ts';
import type { Fetcher } from '../../fetch/fetcher.ts';
import { splitClearsigned } from '../../openpgp/clearsigned.ts';
import type { CheckedSignature, Keyring } from '../../openpgp/contract.ts';
import { allowedByGpgv } from '../../openpgp/doubts.ts';
import { verifyClearsigned, verifyDetached } from '../../openpgp/verify.ts';
import { assertSigned, releaseConcerns } from '../trust.ts';
import { inAptlyWords } from './aptly-words.ts';
import { isFlat, type ReleasePlace, releaseFileUrl } from './release-place.ts';

/** The Release file of a mirror. */
export type MirrorRelease = {
  readonly release: Release;
  /** Its fields without the lists of digests, as the mirror keeps them. */
  readonly meta: Readonly<Record<string, string>>;
  /** Where it came from, with user and password if the archive root has any. */
  readonly url: string;
};

export type ReleaseSource = {
  readonly fetcher: Fetcher;
  /** Undefined: nothing is verified. */
  readonly keyring: Keyring | undefined;
  readonly maxBytes: number;
  /** How often each file is tried at least. */
  readonly tries: number;
  readonly now: Date;
  /** Is told the URL of each file before it is fetched, without user and password. */
  readonly onDownload?: (url: string) => void;
};

/**
 * Fetches the Release file of a mirror (spec/semantics.md 4.1). Verified: InRelease, or Release with Release.gpg when that
 * fails in any way. Not verified: Release, or InRelease without its armour. What is wrong with its dates, its suite or its
 * digests is a warning.
 * @throws E_FETCH_* in the words of aptly, E_SIZE_LIMIT, E_SIGNATURE_*, E_RELEASE_SYNTAX, E_UNSAFE_PATH
 */
export async function fetchMirrorRelease(
  source: ReleaseSource,
  place: ReleasePlace,
  job: Job,
): Promise<MirrorRelease> {
  const fetch: FetchRelease = { ...source, place, job };
  const { keyring } = source;
  const { url, content } =
    keyring === undefined
      ? await firstThatWorks(job, [() => plain(fetch), () => stripped(fetch)])
      : await firstThatWorks(job, [() => inline(fetch, keyring), () => detached(fetch, keyring)]);
  const release = parseRelease(content, redactUrl(url));
  warn(release, url, fetch);
  return { release, meta: metaOf(release), url };
}

/** Where `sync` refuses, as apt does, mirrors made by hand go on: aptly looks at none of this. */
function warn(release: Release, url: string, { place, now, job }: FetchRelease): void {
  const acceptedDate = dateOf(place.meta?.['Date']);
  const suite = isFlat(place) ? undefined : place.distribution;
  for (const message of release.faults) job.report({ type: 'warning', message });
  for (const { message } of releaseConcerns(release, { what: redactUrl(url), suite, acceptedDate, now }))
    job.report({ type: 'warning', message });
}

function dateOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  try {
    return parseReleaseDate(text).getTime();
  } catch (error) {
    if (isEspejoError(error, 'E_CONTROL_SYNTAX')) return undefined;
    throw error;
  }
}

type FetchRelease = ReleaseSource & { readonly place: ReleasePlace; readonly job: Job };
type Found = { readonly url: string; readonly content: Buffer };

/** When both fail, the failure that says more is told: a file that is there but not trusted, else the last one. */
async function firstThatWorks(
  { signal }: Job,
  [first, second]: readonly [() => Promise<Found>, () => Promise<Found>],
): Promise<Found> {
  try {
    return await first();
  } catch (error) {
    if (signal.aborted || !isEspejoError(error) || isOutOfReach(error)) throw error;
    return await second().catch((last: unknown) => {
      throw isTransportFailure(last) && !isTransportFailure(error) ? error : last;
    });
  }
}

async function inline(fetch: FetchRelease, keyring: Keyring): Promise<Found> {
  const { url, content: document } = await download(fetch, 'InRelease');
  const checked = await naming(url, verifyClearsigned(document, keyring, fetch.now));
  believe(url, checked.signatures, fetch);
  return { url, content: checked.content };
}

async function detached(fetch: FetchRelease, keyring: Keyring): Promise<Found> {
  const found = await download(fetch, 'Release');
  const signature = await download(fetch, 'Release.gpg');
  const signatures = await naming(
    signature.url,
    verifyDetached(found.content, signature.content, keyring, fetch.now),
  );
  believe(found.url, signatures, fetch);
  return found;
}

/** As gpgv believes, and so aptly; what speaks against it is told. @throws what {@link assertSigned} throws */
function believe(url: string, signatures: readonly CheckedSignature[], { job }: FetchRelease): void {
  for (const message of assertSigned(redactUrl(url), signatures, allowedByGpgv))
    job.report({ type: 'warning', message });
}

async function plain(fetch: FetchRelease): Promise<Found> {
  return await download(fetch, 'Release');
}

/** As strictly as if it were verified: nothing may stand outside of the signed text. */
async function stripped(fetch: FetchRelease): Promise<Found> {
  const { url, content } = await download(fetch, 'InRelease');
  try {
    return { url, content: splitClearsigned(content).content };
  } catch (error) {
    throw about(redactUrl(url), error);
  }
}

async function download(fetch: FetchRelease, name: string): Promise<Found> {
  const { fetcher, maxBytes, tries, place, job, onDownload } = fetch;
  const url = releaseFileUrl(place, name);
  onDownload?.(redactUrl(url));
  try {
    const answer = await fetcher.document({ urls: [url], maxBytes, tries }, job);
    if (answer.kind === 'document') return { url, content: answer.bytes };
  } catch (error) {
    throw inAptlyWords(error);
  }
  throw new EspejoError('E_FETCH_STATUS', `${redactUrl(url)}: answered "not modified" without being asked`);
}

/** Puts the URL into errors of a check that does not know it. */
async function naming<Result>(url: string, check: Promise<Result>): Promise<Result> {
  return await check.catch((error: unknown) => {
    throw about(redactUrl(url), error);
  });
}

/** Whether the host itself cannot be reached, so that to ask it for another file is waiting in vain. */
function isOutOfReach({ context }: EspejoError): boolean {
  return outOfReach.has(context['system']);
}

const outOfReach: ReadonlySet<unknown> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
]);

function isTransportFailure(error: unknown): boolean {
  return isEspejoError(error) && error.code.startsWith('E_FETCH_');
}

const digestFields: ReadonlySet<string> = new Set(['md5sum', 'sha1', 'sha256', 'sha512']);

function metaOf({ stanza }: Release): Readonly<Record<string, string>> {
  const fields = stanza.fields.filter(({ name }) => !digestFields.has(name.toLowerCase()));
  return Object.fromEntries(fields.map(({ name, value }) => [name, fieldText(name, value)]));
}
