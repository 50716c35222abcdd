import type { Catalog, ListId } from '../catalog/contract.ts';
import type { PackageFileRecord, PackageRecord } from '../catalog/packages.ts';
import { mapConcurrently } from '../core/concurrency.ts';
import { digestNames } from '../core/digest.ts';
import type { PackageFile } from '../deb/package.ts';
import { baseName } from '../deb/paths.ts';
import { type FoundFile, findFile } from '../pool/find-file.ts';
import type { Search } from './download.ts';
import { type ListedPackage, listedFiles } from './listed-package.ts';
import type { SyncPorts } from './request.ts';
import { holdSameFiles } from './same-files.ts';

/** The packages that a mirror has from its last update, and their files where all of their digests are known. */
export class KeptFiles {
  readonly #records: readonly PackageRecord[];
  #files: ReadonlyMap<string, FoundFile> | undefined;

  private constructor(records: readonly PackageRecord[]) {
    this.#records = records;
  }

  /** @throws E_CATALOG */
  static async of(catalog: Pick<Catalog, 'packages'>, lists: readonly ListId[]): Promise<KeptFiles> {
    const records = await Promise.all([...new Set(lists)].map((list) => catalog.packages(list)));
    return new KeptFiles(records.flat());
  }

  /** The file of that name with one of the digests that prove what it is. */
  file({ name, facts: { digests } }: Pick<PackageFile, 'name' | 'facts'>): FoundFile | undefined {
    this.#files ??= new Map(this.#records.flatMap(({ files }) => files.flatMap(named)));
    const digest = digests.sha256 ?? digests.sha512;
    return digest === undefined ? undefined : this.#files.get(`${digest} ${baseName(name)}`);
  }

  /** How files are looked for, those that are known first. */
  search(
    { pool, config }: Pick<SyncPorts, 'pool' | 'config'>,
    { legacy, thorough }: Pick<Search, 'legacy' | 'thorough'>,
  ): Search {
    const { concurrency } = config.limits;
    return {
      pool,
      legacy,
      thorough,
      concurrency,
      known: (file) => this.file(file),
    };
  }

  /** Whether the pool has every file where it was. */
  async areThere(
    { pool, concurrency }: Pick<Search, 'pool' | 'concurrency'>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const search = { pool, legacy: false, signal };
    const files = this.#records.flatMap((record) => record.files);
    const states = await mapConcurrently(files, { width: concurrency, signal }, async (file) => {
      const known = foundFile(file);
      if (known === undefined) return false;
      const facts = { size: known.size, digests: known.digests };
      const place = await findFile({ name: baseName(file.name), facts }, known, search);
      return place?.path === known.path;
    });
    return states.every((isThere) => isThere);
  }

  /** Those of some packages that are kept already: of the same files, whatever was listed of them. */
  among(packages: readonly ListedPackage[]): ReadonlyMap<ListedPackage, PackageRecord> {
    const byLabel = new Map(this.#records.map((record) => [labelOf(record), record]));
    return new Map(
      packages.flatMap((one) => {
        const record = byLabel.get(labelOf(one.package));
        const isKept = record !== undefined && holdSameFiles(listedFiles(one), record.files.map(asListed));
        return isKept ? [[one, record]] : [];
      }),
    );
  }
}

function labelOf({
  architecture,
  name,
  version,
}: Pick<PackageRecord, 'architecture' | 'name' | 'version'>): string {
  return `${architecture} ${name} ${version}`;
}

function asListed({ name, size, digests }: PackageFileRecord): PackageFile {
  return { path: name, name, facts: { size, digests } };
}

/** By each digest that proves what it is. */
function named(file: PackageFileRecord): readonly (readonly [id: string, file: FoundFile])[] {
  const found = foundFile(file);
  if (found === undefined) return [];
  const { sha256, sha512 } = found.digests;
  return [sha256, sha512].map((digest) => [`${digest} ${baseName(file.name)}`, found]);
}

function foundFile({ size, digests, poolPath }: PackageFileRecord): FoundFile | undefined {
  if (digestNames.some((digest) => digests[digest] === undefined)) return undefined;
  return { path: poolPath, size, digests: digests as FoundFile['digests'] };
}
