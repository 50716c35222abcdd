import type { MirrorObject } from '../catalog/objects.ts';
import { type EspejoError, isEspejoError } from '../core/errors.ts';
import type { Oddity } from '../deb/index-reader.ts';
import type { BinaryPackage, SourcePackage } from '../deb/package.ts';
import { type ListedSink, readListedBinary, readListedSource, type Vouching } from '../deb/read-listed.ts';
import { parseRelease } from '../deb/release.ts';
import type { Job } from '../packages/events.ts';
import { anyArchitecture, type KnownIndexes, type NeededIndex, type PackageIndex } from './index-files.ts';
import { type IndexConsumer, type IndexReading, readIndex } from './indexes.ts';
import type { ListedPackage } from './listed-package.ts';
import { Oddities } from './oddities.ts';
import { type ImageReading, readImageIndex } from './read-images.ts';
import { readLooseIndex } from './read-loose-index.ts';
import type { UpstreamFiles } from './upstream-files.ts';

/** What is made of the packages of the indexes. */
export type Taking<Item> = {
  readonly vouching: Vouching;
  /** Other architectures than these and `all` are left out, and told; undefined: all are taken. */
  readonly architectures?: readonly string[];
  /**
   * Is asked while the index is read: its package does not count unless the whole index does.
   * @throws E_INDEX_SYNTAX, E_UNSAFE_PATH for a package that cannot be used
   */
  readonly accept: (one: BinaryPackage | SourcePackage) => Item | undefined;
  /** What an index that is right has. */
  readonly add: (item: Item, index: PackageIndex) => void;
};

/** What only mirrors of aptly's kind have: lists of installer images. */
type Images = { readonly reading: ImageReading; readonly add: (images: ListedPackage) => void };

/**
 * Reads indexes one after the other. What is odd about one is told when it was read.
 * @param images undefined when there are no lists of installer images among them
 * @returns SHA-256 of the plain indexes that were read, by path: those that the store has
 * @throws E_FETCH_*, E_DIGEST_MISMATCH, E_SIZE_*, E_DECOMPRESS, E_INDEX_SYNTAX, E_INDEX_NOT_LISTED, E_ABORTED
 */
export async function readIndexes<Item>(
  indexes: readonly NeededIndex[],
  reading: IndexReading,
  { taking, images }: { readonly taking: Taking<Item>; readonly images?: Images },
  job: Job,
): Promise<Readonly<Record<string, string>>> {
  const digests: Record<string, string> = {};
  const absent: EspejoError[] = [];
  for (const index of indexes) {
    if (index.kind === 'installer') {
      const list = images === undefined ? undefined : await readImageIndex(index, images.reading, job);
      if (list !== undefined) images?.add(list);
      continue;
    }
    const collector = collect(index, taking);
    try {
      const sha256 = reading.ignoreChecksums
        ? await readLooseIndex(index, reading, collector, job)
        : await readIndex(index, reading, collector, job);
      if (sha256 !== undefined) digests[index.path] = sha256;
    } catch (error) {
      // Without the list of Release nobody knows before which index there is.
      if (!reading.ignoreChecksums || !isEspejoError(error, 'E_INDEX_NOT_LISTED')) throw error;
      absent.push(error);
      continue;
    }
    collector.pour(job);
  }
  tellAbsent(absent, indexes, job);
  return digests;
}

/** What is known of the indexes from the last time; needed only where Release does not tell the digests of plain ones. */
export async function knownIndexes(
  files: Pick<UpstreamFiles, 'document'>,
  before: Pick<MirrorObject, 'distribution' | 'release' | 'indexes'> | undefined,
  needed: readonly NeededIndex[],
): Promise<KnownIndexes | undefined> {
  const { release, distribution = '', indexes = {} } = before ?? {};
  const isOpen = needed.some((one) => one.kind !== 'installer' && one.plain === undefined);
  if (release === undefined || !isOpen) return undefined;
  const content = await files.document(release.releaseSha256);
  return content === undefined ? undefined : { release: parseRelease(content, distribution), indexes };
}

/** @throws the first when there is no index of packages or sources at all */
function tellAbsent(
  absent: readonly EspejoError[],
  indexes: readonly NeededIndex[],
  { report }: Pick<Job, 'report'>,
): void {
  const [first] = absent;
  if (first !== undefined && absent.length === indexes.filter(({ kind }) => kind !== 'installer').length)
    throw first;
  for (const { message } of absent)
    report({ type: 'tolerated', message: `${message}; the rest is mirrored` });
}

/** Gathers the packages of one index and pours them out once the index is known to be what Release says. */
function collect<Item>(
  index: PackageIndex,
  { vouching, architectures, accept, add }: Taking<Item>,
): IndexConsumer & { pour(job: Job): void } {
  const { kind, path: what } = index;
  let items: Item[] = [];
  let foreign = 0;
  const oddities = new Oddities(what);
  const odd = (oddity: Oddity): void => oddities.add(oddity);
  const isHeld = holds(index, architectures);
  const sink: ListedSink<BinaryPackage | SourcePackage> = {
    odd,
    take(one) {
      if (!isHeld(one.architecture)) {
        foreign += 1;
        return;
      }
      const item = accept(one);
      if (item !== undefined) items.push(item);
    },
  };
  return {
    odd,
    start() {
      items = [];
      foreign = 0;
      oddities.clear();
    },
    batch(paragraphs) {
      if (kind === 'source') for (const raw of paragraphs) readListedSource(raw, { what, vouching }, sink);
      else for (const raw of paragraphs) readListedBinary(raw, { what, vouching, kind }, sink);
    },
    pour(job) {
      oddities.report(job);
      for (const one of items) add(one, index);
      // That a flat archive has others, too, is as it should be.
      if (foreign === 0 || index.architecture === anyArchitecture) return;
      const message = `${what}: ${foreign} packages of other architectures left out`;
      job.report({ type: 'warning', message, count: foreign, leftOut: 'architecture not mirrored' });
    },
  };
}

/** Whether an index can hold packages of an architecture that are wanted. */
function holds(
  { kind, architecture: own }: PackageIndex,
  architectures: readonly string[] | undefined,
): (architecture: string) => boolean {
  if (kind === 'source' || architectures === undefined) return () => true;
  const wanted = new Set(['all', ...(own === anyArchitecture ? architectures : [own])]);
  return (architecture) => wanted.has(architecture);
}
