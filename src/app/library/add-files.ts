import { rm } from 'node:fs/promises';
import type { PackageRecord } from '../../catalog/packages.ts';
import { mapConcurrently } from '../../core/concurrency.ts';
import type { ErrorCode } from '../../core/error-codes.ts';
import { EspejoError } from '../../core/errors.ts';
import { fileError } from '../../core/files.ts';
import type { Job } from '../../core/progress.ts';
import type { Member } from '../../snapshot/member.ts';
import { PackageSet } from '../../snapshot/package-set.ts';
import type { App } from '../app.ts';
import { findObject } from './find-object.ts';
import { importPackage, type PackageOnDisk, pathsOf, readPackageFile } from './import-package.ts';
import { type FileFailure, findPackageFiles } from './package-files.ts';
import { loadPackageSet, memberOf } from './package-sets.ts';
import { saveRepos } from './repos.ts';

export type FilesToAdd = {
  readonly repo: string;
  /** Files and folders. */
  readonly paths: readonly string[];
  /** What a path means on disk. */
  readonly read: (path: string) => string;
  /** Remove packages of the same name, version and architecture before. */
  readonly forceReplace: boolean;
  /** Delete the files that were taken, and `.buildinfo` files. */
  readonly removeFiles: boolean;
  /** Told when the repository was found. */
  readonly onFound?: () => void;
};

/** What happened, in the order of the paths. */
export type AddEvent =
  | { readonly kind: 'added' | 'replaced'; readonly label: string }
  | ({ readonly kind: 'failed' } & FileFailure);

/**
 * Takes package files into the pool and a repository (semantics.md 8.1). Each file is for itself: the repository is
 * saved with those that succeeded. A package that is there already with the same files is no failure.
 * @throws E_OBJECT_NOT_FOUND; E_DISK_FULL and E_ABORTED, which change no repository; E_IO, E_PERMISSION for files that
 * cannot be deleted, when all else is done
 */
export async function addFiles(app: App, files: FilesToAdd, job: Job): Promise<readonly AddEvent[]> {
  return await app.exclusively('repo add', job.signal, async () => {
    const repo = await findObject(app, 'repo', files.repo);
    files.onFound?.();
    const found = await findPackageFiles(files.paths, files.read);
    const before = await loadPackageSet(app, repo.list);
    const draft = new Draft(before, files.forceReplace);
    const candidates = await importAll(app, found.packages, { before, files, job });
    const events: AddEvent[] = found.failures.map((failure) => ({ kind: 'failed', ...failure }));
    const taken = found.others.map(files.read);
    for (const candidate of candidates) {
      const outcome = 'record' in candidate ? draft.add(candidate) : [candidate];
      events.push(...outcome);
      if ('record' in candidate && outcome.at(-1)?.kind === 'added') taken.push(...candidate.paths);
    }
    await app.pool.flush(job.signal);
    await saveRepos(app, [{ repo, packages: PackageSet.of(draft.members) }]);
    if (files.removeFiles) await removeAll(taken);
    return events;
  });
}

/** A package whose files are in the pool. */
type Imported = {
  readonly path: string;
  readonly record: PackageRecord;
  /** On disk, all files of it. */
  readonly paths: readonly string[];
};

type Failed = Extract<AddEvent, { readonly kind: 'failed' }>;

type Import = { readonly before: PackageSet; readonly files: FilesToAdd; readonly job: Job };

/** Reads files and copies them to the pool, several at once; a conflict that shows already leaves nothing there. */
async function importAll(
  app: App,
  paths: readonly string[],
  { before, files, job: { signal } }: Import,
): Promise<readonly (Imported | Failed)[]> {
  const context = { pool: app.pool, signal };
  const turns = new Turns();
  const width = app.config.limits.concurrency;
  return await mapConcurrently(paths, { width, signal }, async (path) => {
    const opened = await attempt(path, `Unable to read file ${path}`, () =>
      readPackageFile(files.read(path), context),
    );
    if ('kind' in opened) return opened;
    if (!files.forceReplace && conflicts(before, opened.value)) return conflict(path, opened.value.package);
    const names = opened.value.files.map(({ facts }) => facts.digests.sha256 ?? '');
    const record = await turns.take(names, () =>
      attempt(path, `Unable to import file ${path} into pool`, () => importPackage(opened.value, context)),
    );
    return 'kind' in record ? record : { path, record: record.value, paths: pathsOf(opened.value) };
  });
}

const stopping: ReadonlySet<ErrorCode> = new Set(['E_ABORTED', 'E_DISK_FULL']);

/** What is wrong with one file must not stop the others; a full disk or a signal stops all. */
async function attempt<Value>(
  path: string,
  what: string,
  work: () => Promise<Value>,
): Promise<{ readonly value: Value } | Failed> {
  try {
    return { value: await work() };
  } catch (error) {
    if (!(error instanceof EspejoError) || stopping.has(error.code)) throw error;
    return { kind: 'failed', path, reason: `${what}: ${error.message}` };
  }
}

function conflicts(set: PackageSet, { package: pkg }: PackageOnDisk): boolean {
  const present = set.get(pkg.name, pkg.version, pkg.architecture);
  return present !== undefined && present.key !== pkg.key;
}

function conflict(path: string, { label }: { readonly label: string }): Failed {
  const reason = `Unable to add package to repo ${label}: package already exists and is different: ${label}`;
  return { kind: 'failed', path, reason };
}

/** The packages of a repository while files are added. */
class Draft {
  readonly #members = new Map<string, Member>();
  readonly #forceReplace: boolean;

  constructor(before: PackageSet, forceReplace: boolean) {
    for (const member of before) this.#members.set(placeOf(member), member);
    this.#forceReplace = forceReplace;
  }

  get members(): Iterable<Member> {
    return this.#members.values();
  }

  add({ path, record }: Imported): readonly AddEvent[] {
    const member = memberOf(record);
    const place = placeOf(member);
    const present = this.#members.get(place);
    const { label } = member.package;
    if (present === undefined || this.#forceReplace) this.#members.set(place, member);
    else if (present.key !== member.key) return [conflict(path, member.package)];
    const added: AddEvent = { kind: 'added', label };
    return present !== undefined && this.#forceReplace ? [{ kind: 'replaced', label }, added] : [added];
  }
}

function placeOf({ package: { architecture, name, version } }: Member): string {
  return `${architecture} ${name} ${version}`;
}

/** Lets work on one thing wait for earlier work on it: two packages can have one file. */
class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  async take<Value>(names: readonly string[], work: () => Promise<Value>): Promise<Value> {
    const before = Promise.allSettled(names.map((name) => this.#last.get(name)));
    const turn = before.then(work);
    for (const name of names) this.#last.set(name, turn);
    return await turn;
  }
}

async function removeAll(paths: readonly string[]): Promise<void> {
  for (const path of new Set(paths)) {
    try {
      await rm(path, { force: true });
    } catch (cause) {
      throw fileError(cause, `unable to remove file: ${path}`);
    }
  }
}
