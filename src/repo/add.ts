import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { findObject } from '../catalog/find-object.ts';
import type { PackageRecord } from '../catalog/packages.ts';
import { mapConcurrently } from '../core/concurrency.ts';
import { EspejoError, isEspejoError } from '../core/errors.ts';
import { fileError } from '../core/files.ts';
import { aptProblem, aptProblemText } from '../deb/apt-syntax.ts';
import { dpkgProblem } from '../deb/dpkg-syntax.ts';
import type { BinaryPackage, SourcePackage } from '../deb/package.ts';
import { publishedValue } from '../deb/render-index.ts';
import type { Job, RepoEvent } from '../packages/events.ts';
import { importPackage, type PackageOnDisk, pathsOf, readPackageFile } from '../packages/import-package.ts';
import type { Member } from '../packages/member.ts';
import { type FileFailure, findPackageFiles } from '../packages/package-files.ts';
import { PackageSet } from '../packages/package-set.ts';
import { loadPackageSet, memberOf } from '../packages/package-sets.ts';
import type { Ports } from '../packages/ports.ts';
import { saveRepos } from './repos.ts';

export type FilesToAdd = {
  readonly repo: string;
  /** Files and folders. */
  readonly paths: readonly string[];
  /** What relative paths are below. */
  readonly directory: string;
  /** Remove packages of the same name, version and architecture before. */
  readonly forceReplace: boolean;
  /** Delete the files that were taken, and `.buildinfo` files. */
  readonly removeFiles: boolean;
};

/** What came of files that were to be added. */
export type AddedFiles = {
  /** Labels of packages. */
  readonly added: readonly string[];
  readonly failed: readonly FileFailure[];
};

/**
 * Takes package files into the pool and a repository (spec/semantics.md 8.1). Each file is for itself: the repository is
 * saved with those that succeeded. A package that is there already with the same files is no failure.
 * @returns what came of it, failures of paths before those of files; the same is told as events
 * @throws E_OBJECT_NOT_FOUND; E_DISK_FULL and E_ABORTED, which change no repository; E_IO, E_PERMISSION for files that
 * cannot be deleted, when all else is done
 */
export async function addFiles(ports: Ports, files: FilesToAdd, job: Job): Promise<AddedFiles> {
  return await ports.exclusively('repo add', job.signal, async () => {
    const repo = await findObject(ports, 'repo', files.repo);
    job.report({ type: 'loading' });
    const read = (path: string): string => resolve(files.directory, path);
    const found = await findPackageFiles(files.paths, read);
    const { events, taken, packages } = await takeFiles(ports, {
      ...files,
      read,
      paths: found.packages,
      before: await loadPackageSet(ports, repo.list),
      warn: (message) => job.report({ type: 'warning', message }),
      signal: job.signal,
    });
    await saveRepos(ports, [{ repo, packages }]);
    if (files.removeFiles) await removeFiles([...taken, ...found.others.map(read)]);
    const failures = found.failures.map((failure) => ({ type: 'file-failed', ...failure }) as const);
    for (const event of [...failures, ...events]) job.report(event);
    return outcomeOf([...failures, ...events]);
  });
}

/** What events of files come to. */
export function outcomeOf(events: readonly TakeEvent[]): AddedFiles {
  return {
    added: events.flatMap((event) => (event.type === 'package-added' ? event.package : [])),
    failed: events.flatMap((event) =>
      event.type === 'file-failed' ? { path: event.path, reason: event.reason } : [],
    ),
  };
}

/** Deletes files; one that is gone is no error. @throws E_IO, E_PERMISSION */
export async function removeFiles(paths: readonly string[]): Promise<void> {
  for (const path of new Set(paths)) {
    try {
      await rm(path, { force: true });
    } catch (cause) {
      throw fileError(cause, `unable to remove file: ${path}`);
    }
  }
}

/** Copies at once: the file system makes them durable together. Each needs a block of 1 MiB. */
const importWidth = 16;

/** What happened to a file. */
export type TakeEvent = Exclude<RepoEvent, { readonly type: 'upload' }>;

export type FilesToTake = {
  /** Package files, as messages name them. */
  readonly paths: readonly string[];
  /** What a path means on disk. */
  readonly read: (path: string) => string;
  /** The packages of the repository. */
  readonly before: PackageSet;
  /** Remove packages of the same name, version and architecture before. */
  readonly forceReplace: boolean;
  /** Packages that may not be taken are failures; by default all may. */
  readonly mayTake?: (pkg: BinaryPackage | SourcePackage) => boolean;
  /** Told what a person should know of files that are taken. */
  readonly warn: (message: string) => void;
  readonly signal: AbortSignal;
};

export type TakenFiles = {
  /** In the order of the paths. */
  readonly events: readonly TakeEvent[];
  /** On disk: all files of the packages that were taken. */
  readonly taken: readonly string[];
  /** The repository with them. */
  readonly packages: PackageSet;
};

/**
 * Takes package files into the pool (spec/semantics.md 8.1), durably, and says what a repository becomes with them. Each file
 * is for itself. A package that is there already with the same files is no failure.
 * @throws E_DISK_FULL, E_ABORTED
 */
export async function takeFiles(
  ports: Pick<Ports, 'pool' | 'config'>,
  files: FilesToTake,
): Promise<TakenFiles> {
  const draft = new Draft(files.before, files.forceReplace);
  const events: TakeEvent[] = [];
  const taken: string[] = [];
  for (const candidate of await importAll(ports, files)) {
    const outcome = 'record' in candidate ? draft.add(candidate) : [candidate];
    events.push(...outcome);
    if ('record' in candidate && outcome.at(-1)?.type === 'package-added') taken.push(...candidate.paths);
  }
  await ports.pool.flush(files.signal);
  return { events, taken, packages: PackageSet.of(draft.members) };
}

/** A package whose files are in the pool. */
type Imported = {
  readonly path: string;
  readonly record: PackageRecord;
  /** On disk, all files of it. */
  readonly paths: readonly string[];
};

type Failed = Extract<TakeEvent, { readonly type: 'file-failed' }>;

/** Reads files and copies them to the pool, several at once; a fault that shows already leaves nothing there. */
async function importAll(
  { pool, config }: Pick<Ports, 'pool' | 'config'>,
  { paths, read, before, forceReplace, mayTake = () => true, warn, signal }: FilesToTake,
): Promise<readonly (Imported | Failed)[]> {
  const context = { pool, signal, warn };
  const turns = new Turns();
  return await mapConcurrently(paths, { width: importWidth, signal }, async (path) => {
    // Small files are read and written without waiting: others want their turn, and a signal could not fire.
    await setImmediate();
    const opened = await attempt(path, `Unable to read file ${path}`, () =>
      readPackageFile(read(path), context),
    );
    if ('type' in opened) return opened;
    const { package: pkg, files } = opened.value;
    const refusal = refusalOf(pkg);
    if (refusal !== undefined) {
      const reason = `${pkg.label}: ${refusal}`;
      if (!config.compatibility.unparseablePackages) {
        return { type: 'file-failed', path, reason: `Unable to add file ${path}: ${reason}` };
      }
      warn(`${path}: ${reason}`);
    }
    if (!mayTake(pkg)) {
      return {
        type: 'file-failed',
        path,
        reason: `${pkg.label} has been ignored as it doesn't match restriction`,
      };
    }
    if (!forceReplace && conflicts(before, opened.value)) return conflict(path, pkg);
    const names = files.map(({ facts }) => facts.digests.sha256 ?? '');
    const record = await turns.take(names, () =>
      attempt(path, `Unable to import file ${path} into pool`, () => importPackage(opened.value, context)),
    );
    return 'type' in record ? record : { path, record: record.value, paths: pathsOf(opened.value) };
  });
}

/** What apt would refuse of a package in an index, or dpkg in its control file; udebs are not for dpkg. */
function refusalOf(pkg: BinaryPackage | SourcePackage): string | undefined {
  if (pkg.kind === 'source') return undefined;
  const ofApt = aptProblem(pkg.stanza, publishedValue);
  if (ofApt !== undefined)
    return `${aptProblemText(ofApt)}; apt would refuse every package of a suite that has it`;
  const ofDpkg = pkg.kind === 'deb' ? dpkgProblem(pkg.stanza) : undefined;
  return ofDpkg === undefined ? undefined : `${aptProblemText(ofDpkg)}; dpkg would refuse to install it`;
}

/** What is wrong with one file must not stop the others; a full disk or a signal stops all, and a fault of our own. */
export function isOfOneFile(error: unknown): error is EspejoError {
  return error instanceof EspejoError && !isEspejoError(error, 'E_ABORTED', 'E_DISK_FULL');
}

async function attempt<Value>(
  path: string,
  what: string,
  work: () => Promise<Value>,
): Promise<{ readonly value: Value } | Failed> {
  try {
    return { value: await work() };
  } catch (error) {
    if (!isOfOneFile(error)) throw error;
    return { type: 'file-failed', path, reason: `${what}: ${error.message}` };
  }
}

function conflicts(set: PackageSet, { package: pkg }: PackageOnDisk): boolean {
  const present = set.get(pkg.name, pkg.version, pkg.architecture);
  return present !== undefined && present.key !== pkg.key;
}

function conflict(path: string, { label }: { readonly label: string }): Failed {
  const reason = `Unable to add package to repo ${label}: package already exists and is different: ${label}`;
  return { type: 'file-failed', path, reason };
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

  add({ path, record }: Imported): readonly TakeEvent[] {
    const member = memberOf(record);
    const place = placeOf(member);
    const present = this.#members.get(place);
    const { label } = member.package;
    if (present === undefined || this.#forceReplace) this.#members.set(place, member);
    else if (present.key !== member.key) return [conflict(path, member.package)];
    const added: TakeEvent = { type: 'package-added', package: label };
    return present !== undefined && this.#forceReplace
      ? [{ type: 'package-replaced', package: label }, added]
      : [added];
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
