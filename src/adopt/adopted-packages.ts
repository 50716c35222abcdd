import type { AdoptedPackage } from '../catalog/objects.ts';
import type { PackageFileRecord } from '../catalog/packages.ts';
import { mapConcurrently } from '../core/concurrency.ts';
import type { FileFacts } from '../core/digest.ts';
import { digestNames } from '../core/digest.ts';
import type { Job } from '../core/progress.ts';
import { printable } from '../core/redact.ts';
import { baseName, legacyPoolPath, pathProblem, poolPath } from '../deb/paths.ts';
import type { Ports } from '../packages/ports.ts';
import { recordNamed } from '../packages/record.ts';
import type { AptlyFile } from './database/aptly-package.ts';
import type { StoredPackage } from './database/packages.ts';
import type { AptlyDatabase } from './database/read-database.ts';

/** What is counted while packages come over. */
export type PackageTally = {
  packages: number;
  filesFound: number;
  /** Pool paths of files that lists refer to and that are not there in their size. */
  readonly filesMissing: string[];
  /** Packages with something odd, and what that is. */
  readonly odd: string[];
};

type Source = { readonly ports: Ports; readonly database: AptlyDatabase; readonly job: Job };

/** Files looked at at once. */
const lookWidth = 16;
/** Warnings of one kind; the rest is counted. */
const shownWarnings = 20;
const reportEvery = 10_000;

/**
 * The packages of an aptly database as the catalog keeps them, in batches, also those that nothing refers to.
 *
 * Files are believed to be what aptly says when they have the right size: aptly has hashed every file on its way into
 * the pool, and to hash a big pool again takes hours. They do not enter the ledger, so the first use of a file here hashes
 * it. Only where no SHA-256 is on record (old releases) the file is hashed now, and remembered.
 * @param arrived told the position in the database of each package, in the order in which they come
 * @throws E_CATALOG, E_IO, E_ABORTED
 */
export async function* adoptedPackages(
  { ports, database, job }: Source,
  tally: PackageTally,
  arrived: (position: number) => void,
): AsyncGenerator<readonly AdoptedPackage[], void> {
  let seen = 0;
  for await (const batch of database.packages({ unreferenced: true, contents: true })) {
    const adopted = await mapConcurrently(batch, { width: lookWidth, signal: job.signal }, async (pkg) => {
      const files: PackageFileRecord[] = [];
      for (const file of pkg.files) files.push(await locate({ ports, database, job }, { pkg, file }, tally));
      // Keys of before 0.6 have no hash; here all have one.
      return { record: recordNamed(pkg, files), contents: pkg.contents };
    });
    for (const { position, key, oddities } of batch) {
      arrived(position);
      if (oddities.length > 0) tally.odd.push(`package ${key.slice(1)}: ${oddities.join('; ')}`);
    }
    tally.packages += batch.length;
    yield adopted;
    const before = seen;
    seen += batch.length;
    if (Math.floor(before / reportEvery) < Math.floor(seen / reportEvery)) {
      const message = `${seen} of ${database.packageKeys.length} packages read`;
      job.report({ type: 'note', message });
    }
  }
}

/**
 * Looks for the AppStream files of mirrors and snapshots, and adds to the tally those that are not there.
 * @throws E_UNSAFE_PATH for a path that leaves the pool; E_IO
 */
export async function lookForAppStream(
  { ports: { pool }, database }: Pick<Source, 'ports' | 'database'>,
  { filesMissing }: PackageTally,
): Promise<void> {
  const owners = [...database.mirrors, ...database.snapshots];
  for (const path of new Set(owners.flatMap(({ appStreamFiles }) => [...appStreamFiles.values()]))) {
    if ((await pool.size(path)) === undefined) filesMissing.push(pool.nameOf(path));
  }
}

/** Warns of the files that are not where they should be. */
export function reportMissing({ filesMissing }: PackageTally, job: Job): void {
  const messages = filesMissing.map((path) => `${path}: is not in the pool, or not in its size`);
  warn(messages, (more) => `${more} more files are not in the pool`, job);
}

/** Warns of the packages that are odd, which were taken over as they are. */
export function reportOdd({ odd }: PackageTally, job: Job): void {
  const messages = odd.map((oddity) => printable(`${oddity}; taken over as it is`));
  warn(messages, (more) => `${more} more packages are odd`, job);
}

function warn(messages: readonly string[], rest: (more: number) => string, { report }: Job): void {
  for (const message of messages.slice(0, shownWarnings)) report({ type: 'warning', message });
  const more = messages.length - shownWarnings;
  if (more > 0) report({ type: 'warning', message: rest(more) });
}

async function locate(
  source: Source,
  { pkg, file }: { readonly pkg: StoredPackage; readonly file: AptlyFile },
  tally: PackageTally,
): Promise<PackageFileRecord> {
  const { pool } = source.ports;
  const { size } = file.facts;
  for (const path of candidates(file)) {
    const actual = await pool.size(path);
    if (actual === undefined || (actual !== size && size !== 0)) continue;
    const facts = size === 0 ? await pool.measure(path, source.job.signal) : file.facts;
    if (facts === undefined || !agree(facts, file.facts)) continue;
    tally.filesFound += 1;
    return { name: file.name, size: actual, digests: await digestsOf(source, path, facts), poolPath: path };
  }
  const path = file.poolPath ?? file.name;
  if (pkg.referenced) tally.filesMissing.push(pool.nameOf(path));
  return { name: file.name, size, digests: file.facts.digests, poolPath: path };
}

/** Where aptly says that the file is, then the places of the two layouts. */
function candidates({ name, poolPath: recorded, facts }: AptlyFile): ReadonlySet<string> {
  const { md5, sha256 } = facts.digests;
  const paths = [
    ...(recorded === undefined ? [] : [recorded]),
    ...(sha256 === undefined ? [] : [poolPath(sha256, baseName(name))]),
    ...(md5 === undefined ? [] : [legacyPoolPath(md5, baseName(name))]),
  ];
  return new Set(paths.filter((path) => pathProblem(path, 'blanks') === undefined));
}

/** What the package says, else what aptly remembers of the file, else what it is. */
async function digestsOf(
  { ports, database, job }: Source,
  path: string,
  { size, digests }: FileFacts,
): Promise<FileFacts['digests']> {
  if (digests.sha256 !== undefined) return digests;
  const remembered = await database.checksums(path);
  if (remembered?.size === size && remembered.digests.sha256 !== undefined)
    return { ...remembered.digests, ...digests };
  const measured = await ports.pool.measure(path, job.signal);
  return { ...measured?.digests, ...digests };
}

/** Whether a file is the one that a package without a size names. */
function agree({ digests: measured }: FileFacts, { digests: listed }: FileFacts): boolean {
  return digestNames.every((name) => (listed[name] ?? measured[name]) === measured[name]);
}
