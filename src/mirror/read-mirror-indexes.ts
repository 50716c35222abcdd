import { EspejoError, isEspejoError } from '../core/errors.ts';
import type { Oddity } from '../deb/index-reader.ts';
import type { BinaryPackage, SourcePackage } from '../deb/package.ts';
import { type ListedSink, readListedBinary, readListedSource } from '../deb/read-listed.ts';
import type { Job } from '../packages/events.ts';
import { inAptlyWords } from './aptly-words.ts';
import { type IndexConsumer, readIndex } from './indexes.ts';
import type { ListedPackage } from './listed-package.ts';
import type { MirrorIndex, PackageIndex } from './mirror-indexes.ts';
import type { MirrorReading } from './mirror-reading.ts';
import { Oddities } from './oddities.ts';
import { readImageIndex } from './read-images.ts';
import { readLooseIndex } from './read-loose-index.ts';
import { type ReleasePlace, releaseDirectory } from './release-place.ts';
import type { Contested } from './resolve-aptly.ts';

export type MirrorContent = {
  /** Unique by architecture, name and version. */
  readonly packages: readonly ListedPackage[];
  /** Those of which the indexes say something else, too. */
  readonly contested: Contested;
  /** SHA-256 of the plain indexes that were read, by path: those that the store has. */
  readonly indexes: Readonly<Record<string, string>>;
};

/**
 * Reads all indexes of a mirror, one after the other. Of two packages of one architecture, name and version with
 * different files the first counts, as long as nobody chooses another.
 * @throws E_FETCH_* and wrong bytes in aptly's words, E_SIZE_LIMIT, E_DECOMPRESS, E_ABORTED; E_INDEX_SYNTAX when no package can be used
 */
export async function readMirrorIndexes(
  place: ReleasePlace,
  indexes: readonly MirrorIndex[],
  reading: MirrorReading,
  job: Job,
): Promise<MirrorContent> {
  const listed = new Listed(job);
  const digests: Record<string, string> = {};
  const left: string[] = [];
  const watched: Job = {
    ...job,
    report: (event) => {
      if (event.type === 'warning' && event.leftOut !== undefined && left.length === 0)
        left.push(event.message);
      job.report(event);
    },
  };
  const absent: EspejoError[] = [];
  try {
    for (const index of indexes) {
      if (index.kind === 'installer') {
        const images = await readImageIndex(place, index, reading, job);
        if (images !== undefined) listed.add(images);
        continue;
      }
      const content = await readPackages(place, index, reading, watched).catch((error: unknown) => {
        // Without the list of Release nobody knows before which index there is.
        if (!reading.ignoreChecksums || !isEspejoError(error, 'E_INDEX_NOT_LISTED')) throw error;
        absent.push(error);
        return undefined;
      });
      if (content === undefined) continue;
      const { packages, sha256 } = content;
      for (const one of packages) listed.add(one);
      if (sha256 !== undefined) digests[index.path] = sha256;
    }
  } catch (error) {
    throw inAptlyWords(lastForm(error));
  }
  tellAbsent(absent, indexes, job);
  const [unusable] = left;
  if (listed.size === 0 && unusable !== undefined) throw noneUsable(unusable);
  return { packages: listed.packages(), contested: listed.contested(), indexes: digests };
}

/** An archive that has packages and none that could be used must not empty a mirror. */
function noneUsable(first: string): EspejoError {
  return new EspejoError('E_INDEX_SYNTAX', `no package of the indexes can be used: ${first}`, {
    hint: 'the warnings name each of them',
  });
}

/** @throws the first when there is no index of packages or sources at all */
function tellAbsent(
  absent: readonly EspejoError[],
  indexes: readonly MirrorIndex[],
  { report }: Pick<Job, 'report'>,
): void {
  const [first] = absent;
  if (first !== undefined && absent.length === indexes.filter(({ kind }) => kind !== 'installer').length)
    throw first;
  for (const { message } of absent)
    report({ type: 'tolerated', message: `${message}; the rest is mirrored` });
}

/** Where an index is there in none of its forms, aptly tells of the last. */
function lastForm(error: unknown): unknown {
  return isEspejoError(error, 'E_FETCH_NOT_FOUND') && isEspejoError(error.cause) ? error.cause : error;
}

/** What is said of one package is tried one after the other, so there is an end to it. */
const maxOffers = 9;

/** The packages of all indexes by architecture, name and version. */
class Listed {
  readonly #first = new Map<string, ListedPackage>();
  readonly #offers = new Map<ListedPackage, ListedPackage[]>();
  readonly #report: Job['report'];

  constructor({ report }: Pick<Job, 'report'>) {
    this.#report = report;
  }

  get size(): number {
    return this.#first.size;
  }

  add(one: ListedPackage): void {
    const { architecture, name, version, label } = one.package;
    const place = `${architecture} ${name} ${version}`;
    const before = this.#first.get(place);
    if (before === undefined) {
      this.#first.set(place, one);
      return;
    }
    if (before.key === one.key) return;
    this.#report({ type: 'duplicate', package: label });
    const offers = this.#offers.get(before) ?? [before];
    if (offers.length < maxOffers && offers.every(({ key }) => key !== one.key)) offers.push(one);
    this.#offers.set(before, offers);
  }

  packages(): readonly ListedPackage[] {
    return Array.from(this.#first.values());
  }

  contested(): Contested {
    return this.#offers;
  }
}

async function readPackages(
  place: ReleasePlace,
  index: PackageIndex,
  reading: MirrorReading,
  job: Job,
): Promise<{ readonly packages: readonly ListedPackage[]; readonly sha256: string | undefined }> {
  const { fetcher, files, limits, tries, ignoreChecksums } = reading;
  const collector = collect(index, reading);
  const base = place.archiveRoot + releaseDirectory(place);
  if (ignoreChecksums) {
    await readLooseIndex(base, index, reading, collector, job);
    return { packages: collector.packages(job), sha256: undefined };
  }
  const strict = { fetcher, files, bases: [base], known: undefined, maxBytes: limits.indexBytes };
  const sha256 = await readIndex(index, { ...strict, tries }, collector, job);
  return { packages: collector.packages(job), sha256 };
}

function collect(
  { kind, path: what }: PackageIndex,
  { ignoreChecksums }: MirrorReading,
): IndexConsumer & { packages(job: Job): readonly ListedPackage[] } {
  let packages: ListedPackage[] = [];
  const oddities = new Oddities(what);
  const odd = (oddity: Oddity): void => oddities.add(oddity);
  const sink: ListedSink<BinaryPackage | SourcePackage> = {
    odd,
    take(one) {
      packages.push({ key: one.key, package: one });
    },
  };
  const vouching = ignoreChecksums ? 'none' : 'any';
  return {
    odd,
    start() {
      packages = [];
      oddities.clear();
    },
    batch(paragraphs) {
      if (kind === 'source') for (const raw of paragraphs) readListedSource(raw, { what, vouching }, sink);
      else for (const raw of paragraphs) readListedBinary(raw, { what, vouching, kind }, sink);
    },
    packages(job) {
      oddities.report(job);
      return packages;
    },
  };
}
