import { digestsOf } from '../core/digest.ts';
import { about, EspejoError } from '../core/errors.ts';
import { redactUrl } from '../core/redact.ts';
import { type InstallerFile, InstallerPackage, renderInstallerParagraph } from '../deb/installer-package.ts';
import { archivePath } from '../deb/paths.ts';
import { wordsOf } from '../deb/words.ts';
import type { Fetcher } from '../fetch/fetcher.ts';
import { joinUrl } from '../fetch/url.ts';
import type { Keyring } from '../openpgp/contract.ts';
import { allowedByGpgv } from '../openpgp/doubts.ts';
import { verifyDetached } from '../openpgp/verify.ts';
import type { Job } from '../packages/events.ts';
import { isAbsent } from './absent.ts';
import { mismatchText } from './aptly-words.ts';
import type { ImageIndex } from './index-files.ts';
import type { ListedPackage } from './listed-package.ts';
import { type ReleasePlace, releaseFileUrl } from './release-place.ts';
import { assertSigned } from './trust.ts';

/** How lists of installer images are read. */
export type ImageReading = {
  readonly place: ReleasePlace;
  readonly fetcher: Fetcher;
  /** Undefined: signatures are not looked at. */
  readonly keyring: Keyring | undefined;
  readonly now: Date;
  /** Longest a list or its signature may be. */
  readonly maxBytes: number;
  /** How often each file is tried at least. */
  readonly tries: number;
  /** Whether wrong sizes and digests are but warned about. */
  readonly ignoreChecksums: boolean;
  /** Size in bytes of an image that is known from before, by its name and SHA-256. */
  readonly knownSize: (name: string, sha256: string) => number | undefined;
};

/**
 * The installer images of a component and architecture as one package. A list of them that Release does not vouch for
 * must be signed itself, by `SHA256SUMS.gpg`; an archive that has neither has no images (spec/semantics.md 4.2).
 * @throws E_FETCH_*, E_SIZE_LIMIT, E_DIGEST_MISMATCH, E_SIGNATURE_*, E_INDEX_SYNTAX, E_UNSAFE_PATH
 */
export async function readImageIndex(
  index: ImageIndex,
  reading: ImageReading,
  job: Job,
): Promise<ListedPackage | undefined> {
  const list = await fetchList(index, reading, job);
  if (list === undefined) return undefined;
  const { place } = reading;
  const what = redactUrl(releaseFileUrl(place, index.path));
  const images: InstallerFile[] = [];
  for (const { name, sha256 } of parseSums(list, what)) {
    const size =
      reading.knownSize(name, sha256) ??
      (await reading.fetcher.size(
        {
          urls: [joinUrl(place.archiveRoot, `${index.directory}/${archivePath(name, what)}`)],
          tries: reading.tries,
        },
        job,
      ));
    images.push({ name, facts: { size, digests: { sha256 } } });
  }
  if (images.length === 0) return undefined;
  const paragraph = renderInstallerParagraph(index.architecture, images);
  const pkg = InstallerPackage.fromParagraph(paragraph, { what });
  return { key: pkg.key, package: pkg, directory: `${index.directory}/` };
}

async function fetchList(index: ImageIndex, reading: ImageReading, job: Job): Promise<Buffer | undefined> {
  const { facts, path, paths } = index;
  const { ignoreChecksums, place } = reading;
  const url = releaseFileUrl(place, path);
  if (facts !== undefined && ignoreChecksums) {
    const list = await document([url], reading, job);
    const mismatch = mismatchText(redactUrl(url), facts, digestsOf(list));
    if (mismatch !== undefined) job.report({ type: 'tolerated', message: mismatch });
    return list;
  }
  if (facts !== undefined) {
    return await document(
      paths.map((one) => releaseFileUrl(place, one)),
      reading,
      job,
      facts,
    );
  }
  if (ignoreChecksums) return undefined;
  try {
    return await signedList(url, reading, job);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

async function signedList(url: string, reading: ImageReading, job: Job): Promise<Buffer> {
  const { keyring, now } = reading;
  const list = await document([url], reading, job);
  if (keyring === undefined) return list;
  const signature = await document([`${url}.gpg`], reading, job);
  try {
    const signatures = await verifyDetached(list, signature, keyring, now);
    for (const message of assertSigned(redactUrl(url), signatures, allowedByGpgv))
      job.report({ type: 'tolerated', message });
  } catch (error) {
    throw about(redactUrl(`${url}.gpg`), error);
  }
  return list;
}

async function document(
  urls: readonly string[],
  { fetcher, maxBytes, tries }: ImageReading,
  job: Job,
  expected: ImageIndex['facts'] = undefined,
): Promise<Buffer> {
  const [url = ''] = urls;
  job.report({ type: 'downloading', url: redactUrl(url) });
  const target = {
    urls,
    maxBytes,
    tries,
    ...(expected === undefined ? {} : { expected }),
  };
  const answer = await fetcher.document(target, job);
  if (answer.kind === 'document') return answer.bytes;
  throw new EspejoError('E_FETCH_STATUS', `${redactUrl(url)}: answered "not modified" without being asked`);
}

/** Lines of a SHA-256, blanks and a path, as `sha256sum` writes them. */
function parseSums(
  list: Buffer,
  what: string,
): readonly { readonly name: string; readonly sha256: string }[] {
  const lines = list.toString('utf8').split('\n');
  return lines.flatMap((line) => {
    const words = wordsOf(line);
    if (words.length === 0) return [];
    const [sha256 = '', name = ''] = words;
    if (words.length !== 2 || !/^[0-9a-fA-F]{64}$/.test(sha256))
      throw new EspejoError('E_INDEX_SYNTAX', `${what}: "${line}" is not a SHA256 and a path`);
    return { name, sha256: sha256.toLowerCase() };
  });
}
