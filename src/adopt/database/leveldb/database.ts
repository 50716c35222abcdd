import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfAborted } from '../../../core/abort.ts';
import { EspejoError, systemCode } from '../../../core/errors.ts';
import { fileError } from '../../../core/files.ts';
import type { Job } from '../../../core/progress.ts';
import { damaged } from './damage.ts';
import type { Entry } from './entry.ts';
import { lockHolder } from './lock-holder.ts';
import { readLog } from './log.ts';
import { type Manifest, readManifest, type TableFacts } from './manifest.ts';
import { memoryTable } from './memory-table.ts';
import { type EntrySource, type KeyRange, type KeyValue, mergeSources } from './merge.ts';
import { Table } from './table.ts';
import { readWriteBatch } from './write-batch.ts';

/** The state of a LevelDB database at the moment it was opened. Nothing in its directory is ever changed. */
export interface LevelDb {
  /** Keys and values of a range in bytewise order, in batches. @throws E_CATALOG, E_ABORTED */
  entries(range: KeyRange): AsyncGenerator<readonly KeyValue[], void>;
  /** @throws E_CATALOG */
  get(key: Buffer): Promise<Buffer | undefined>;
  /** Grows with every put and deletion, and does not when the database is only opened. */
  readonly lastSequence: number;
  close(): Promise<void>;
}

/**
 * Opens a database directory for reading. All its files are opened now: whatever happens to the directory later, the
 * reader sees one state.
 * @throws E_LOCKED when a process holds its lock or changed it meanwhile
 * @throws E_CATALOG when it is no LevelDB database or damaged; E_IO, E_PERMISSION, E_ABORTED
 */
export async function openLevelDb(directory: string, { signal, report }: Job): Promise<LevelDb> {
  await assertUnlocked(directory);
  const before = await readCurrent(directory);
  const tables: Table[] = [];
  try {
    const manifest = await readManifestFile(join(directory, before));
    const names = await readdir(directory);
    reportStrayTables(names, manifest.tables, report);
    for (const facts of manifest.tables) {
      throwIfAborted(signal);
      tables.push(await Table.open(tablePath(directory, names, facts.number), facts));
    }
    const { entries, logBytes } = await readLogs(directory, names, { manifest, report });
    await assertUnchanged(directory, before, logBytes);
    const memory = memoryTable(entries);
    const sources = memory === undefined ? tables : [memory, ...tables];
    return readerOf({ tables, sources, lastSequence: lastOf(manifest, entries) }, signal);
  } catch (error) {
    await Promise.all(tables.map((table) => table.close()));
    await assertUnchanged(directory, before, new Map());
    throw fileError(error, `cannot read ${directory}`);
  }
}

/**
 * How to see that a database has not changed without reading it: as long as this text is the same, nothing was written;
 * when it is not, aptly may only have opened it. Undefined when there is no database.
 * @throws E_IO, E_PERMISSION
 */
export async function fingerprintLevelDb(directory: string): Promise<string | undefined> {
  const current = await currentOf(directory);
  if (current === undefined) return undefined;
  try {
    const names = (await readdir(directory)).filter((name) => name === current || name.endsWith('.log'));
    const facts = await Promise.all(
      names.sort().map(async (name) => {
        const { size, mtimeMs } = await stat(join(directory, name));
        return [name, size, mtimeMs];
      }),
    );
    return JSON.stringify(facts);
  } catch (cause) {
    throw fileError(cause, `cannot read ${directory}`);
  }
}

/**
 * The number of the last change of a database, also while aptly works on it.
 * @throws E_CATALOG when it is damaged or being written; E_IO, E_PERMISSION
 */
export async function lastSequenceOf(directory: string): Promise<number> {
  try {
    const manifest = await readManifestFile(join(directory, await readCurrent(directory)));
    const report = (): void => undefined;
    const { entries } = await readLogs(directory, await readdir(directory), { manifest, report });
    return lastOf(manifest, entries);
  } catch (cause) {
    throw fileError(cause, `cannot read ${directory}`);
  }
}

/** What Go's LevelDB notes in the MANIFEST when it takes over these logs: one more than their last change. */
function lastOf(manifest: Manifest, entries: readonly Entry[]): number {
  return entries.reduce((last, { sequence }) => Math.max(last, sequence + 1), manifest.lastSequence);
}

type Opened = {
  readonly tables: readonly Table[];
  readonly sources: readonly EntrySource[];
  readonly lastSequence: number;
};

function readerOf({ tables, sources, lastSequence }: Opened, signal: AbortSignal): LevelDb {
  return {
    lastSequence,
    entries: (range) => mergeSources(sources, range, signal),
    async get(key) {
      const range = { start: key, end: Buffer.concat([key, Buffer.alloc(1)]) };
      for await (const [first] of mergeSources(sources, range, signal)) return first?.value;
      return undefined;
    },
    async close() {
      await Promise.all(tables.map((table) => table.close()));
    },
  };
}

async function assertUnlocked(directory: string): Promise<void> {
  const holder = await lockHolder(join(directory, 'LOCK'));
  if (holder === undefined) return;
  throw new EspejoError('E_LOCKED', `${directory} is in use by process ${holder}`, {
    context: { pid: holder },
    hint: 'stop aptly (its API server too) and try again',
  });
}

/** Every program that opens the database for writing makes a new MANIFEST first. */
async function assertUnchanged(
  directory: string,
  current: string,
  logBytes: ReadonlyMap<string, number>,
): Promise<void> {
  await assertUnlocked(directory);
  let changed = (await readCurrent(directory)) !== current;
  for (const [path, bytes] of logBytes) changed ||= (await sizeOf(path)) !== bytes;
  if (!changed) return;
  throw new EspejoError('E_LOCKED', `${directory} was changed while it was read`, {
    hint: 'stop aptly (its API server too) and try again',
  });
}

/** The name of the MANIFEST. Go's LevelDB keeps a second copy for the moment in which it replaces the first. */
async function currentOf(directory: string): Promise<string | undefined> {
  for (const name of ['CURRENT', 'CURRENT.bak']) {
    const text = await readSmallFile(join(directory, name));
    if (text !== undefined && /^MANIFEST-[0-9]{1,20}\n$/.test(text)) return text.trim();
  }
  return undefined;
}

async function readCurrent(directory: string): Promise<string> {
  const current = await currentOf(directory);
  if (current !== undefined) return current;
  throw new EspejoError('E_CATALOG', `${directory} is not a LevelDB database: it has no CURRENT file`, {
    hint: "give the db directory below aptly's rootDir",
  });
}

async function readSmallFile(path: string): Promise<string | undefined> {
  try {
    return (await stat(path)).size > 100 ? undefined : await readFile(path, 'latin1');
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT' || systemCode(cause) === 'ENOTDIR') return undefined;
    throw fileError(cause, `cannot read ${path}`);
  }
}

async function readManifestFile(path: string): Promise<Manifest> {
  try {
    return readManifest(await readWhole(path), path);
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') throw damaged(path, 'is missing', cause);
    throw cause;
  }
}

/** Tables of a compaction that a crash stopped are harmless, those of an older MANIFEST are not. */
function reportStrayTables(
  names: readonly string[],
  tables: readonly TableFacts[],
  report: Job['report'],
): void {
  const known = new Set(tables.map(({ number }) => number));
  const stray = names.filter((name) => {
    const number = /^([0-9]{1,15})\.(?:ldb|sst)$/.exec(name)?.[1];
    return number !== undefined && !known.has(Number(number));
  });
  if (stray.length === 0) return;
  report({ type: 'warning', message: `the database does not count ${stray.join(', ')}: left by a crash` });
}

function tablePath(directory: string, names: readonly string[], number: number): string {
  const padded = String(number).padStart(6, '0');
  const name = [`${padded}.ldb`, `${padded}.sst`].find((candidate) => names.includes(candidate));
  if (name === undefined) throw damaged(directory, `the table ${padded}.ldb is missing`);
  return join(directory, name);
}

async function readLogs(
  directory: string,
  names: readonly string[],
  { manifest, report }: { readonly manifest: Manifest; readonly report: Job['report'] },
): Promise<{ readonly entries: readonly Entry[]; readonly logBytes: ReadonlyMap<string, number> }> {
  const entries: Entry[] = [];
  const logBytes = new Map<string, number>();
  for (const name of names.toSorted()) {
    const number = /^([0-9]{1,15})\.log$/.exec(name)?.[1];
    if (number === undefined) continue;
    if (Number(number) < manifest.logNumber && Number(number) !== manifest.previousLogNumber) continue;
    const path = join(directory, name);
    const log = await readWhole(path);
    logBytes.set(path, log.length);
    const ignored = replay(log, path, entries);
    if (ignored > 0) {
      const message = `${path}: the last ${ignored} bytes were never completely written and do not count`;
      report({ type: 'warning', message });
    }
  }
  return { entries, logBytes };
}

function replay(log: Buffer, path: string, entries: Entry[]): number {
  const records = readLog(log, path);
  for (;;) {
    const { done, value } = records.next();
    if (done) return value.ignoredBytes;
    for (const entry of readWriteBatch(value, path)) entries.push(entry);
  }
}

/** Logs and MANIFEST files are a few MiB; a table takes over what is more. */
const maxWholeBytes = 1 << 30;

async function readWhole(path: string): Promise<Buffer> {
  const size = await sizeOf(path);
  if (size > maxWholeBytes) throw damaged(path, `has ${size} bytes, which is too many`);
  return await readFile(path);
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path)).size;
}
