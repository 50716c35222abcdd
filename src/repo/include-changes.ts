import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { findObject } from '../catalog/find-object.ts';
import type { RepoObject, Uploaders } from '../catalog/library.ts';
import type { ErrorCode } from '../core/error-codes.ts';
import { about, EspejoError } from '../core/errors.ts';
import { fileError } from '../core/files.ts';
import type { Template } from '../go/go-template.ts';
import type { Keyring } from '../openpgp/contract.ts';
import type { Job } from '../packages/events.ts';
import { type FileFailure, findChangesFiles, isBuildInfo, isPackageFile } from '../packages/package-files.ts';
import { loadPackageSet } from '../packages/package-sets.ts';
import type { Ports } from '../packages/ports.ts';
import { removeFiles } from './add-files.ts';
import { readUpload, type Upload } from './read-upload.ts';
import { saveRepos } from './repos.ts';
import { stageUpload } from './stage-upload.ts';
import { type TakeEvent, takeFiles } from './take-files.ts';
import { isOfUpload } from './upload-packages.ts';
import { refusalOf } from './upload-rights.ts';

export type Inclusion = {
  /** .changes files and folders. */
  readonly paths: readonly string[];
  /** What a path means on disk. */
  readonly read: (path: string) => string;
  readonly acceptUnsigned: boolean;
  /** Loads what signatures are verified with; undefined: they are not verified. */
  readonly keyring: (() => Promise<Keyring>) | undefined;
  readonly forceReplace: boolean;
  /** Delete the files of uploads that were taken. */
  readonly removeFiles: boolean;
  /** Makes the name of the repository of the fields of the .changes file. */
  readonly repo: Template;
  /** For repositories that have no rules of their own. */
  readonly uploaders: Uploaders | undefined;
};

/**
 * Takes the packages of uploads into repositories (spec/semantics.md 8.3). Each upload is for itself and saved before the
 * next; of one of which any file fails, no file is deleted, nor one that an upload that failed lists too.
 * @returns the paths that failed; what was wrong with them was told as events
 * @throws E_DISK_FULL, E_ABORTED, which leave the uploads before saved and delete nothing
 * @throws E_IO, E_PERMISSION for files that cannot be deleted, when all else is done
 */
export async function includeChanges(
  ports: Ports,
  inclusion: Inclusion,
  job: Job,
): Promise<readonly string[]> {
  const { signal } = job;
  return await ports.exclusively('repo include', signal, async () => {
    const { changes, failures } = await findChangesFiles(inclusion.paths, inclusion.read);
    for (const failure of failures) job.report({ type: 'file-failed', ...failure });
    const failed = failures.map(({ path }) => path);
    const done = new Set<string>();
    const kept = new Set<string>();
    for (const path of changes) {
      const result = await includeOne(ports, path, { ...inclusion, job });
      failed.push(...result.failed);
      for (const file of result.files) (result.failed.length === 0 ? done : kept).add(file);
    }
    if (inclusion.removeFiles) await removeFiles(Array.from(done).filter((file) => !kept.has(file)));
    return failed;
  });
}

type One = Inclusion & { readonly job: Job };

type Included = {
  /** As messages name them. */
  readonly failed: readonly string[];
  /** On disk: what can be deleted when nothing failed, and must stay when something did. */
  readonly files: readonly string[];
};

const stopping: ReadonlySet<ErrorCode> = new Set(['E_ABORTED', 'E_DISK_FULL']);

/** What is wrong with one upload must not stop the others; a full disk or a signal stops all. */
async function includeOne(ports: Ports, path: string, one: One): Promise<Included> {
  const name = basename(path);
  const from = dirname(one.read(path));
  let files: readonly string[] = [one.read(path)];
  try {
    const upload = await readUpload(one.read(path), name, { ...one, now: ports.now() });
    files = [...files, ...upload.changes.files.map((file) => join(from, file.name))];
    return await inPrivateDirectory(ports, async (staged) => {
      await stageUpload(upload.changes.files, {
        from,
        to: staged,
        folder: dirname(path),
        signal: one.job.signal,
      });
      const repo = await destinationOf(ports, upload, { ...one, name });
      if (repo.kind === 'refused') return { failed: fail(one, { path, reason: repo.reason }), files };
      const { failed, taken } = await importStaged(
        ports,
        { ...upload, repo: repo.object, staged, path },
        one,
      );
      const done = [one.read(path), ...taken.map((file) => join(from, file))];
      return { failed, files: failed.length === 0 ? done : files };
    });
  } catch (error) {
    if (!(error instanceof EspejoError) || stopping.has(error.code)) throw error;
    const reason = `unable to process file ${name}: ${error.message}`;
    return { failed: fail(one, { path, reason }), files };
  }
}

function fail({ job }: One, failure: FileFailure): readonly string[] {
  job.report({ type: 'file-failed', ...failure });
  return [failure.path];
}

type Destination =
  | { readonly kind: 'open'; readonly object: RepoObject }
  | { readonly kind: 'refused'; readonly reason: string };

async function destinationOf(
  ports: Ports,
  { fields, keys }: Upload,
  { name, repo: template, uploaders, job }: One & { readonly name: string },
): Promise<Destination> {
  const repo = applied(template, fields);
  job.report({ type: 'upload', repo, changes: name });
  const object = await findObject(ports, 'repo', repo);
  const rules = object.uploaders ?? uploaders;
  const refusal = rules === undefined ? undefined : refusalOf(rules, { fields, keys });
  if (refusal === undefined) return { kind: 'open', object };
  const shown = keys.length === 0 ? '(nil)' : `{${keys.map(({ keyId }) => `"${keyId}"`).join(', ')}}`;
  const reason = `changes file skipped due to uploaders config: ${name}, keys []pgp.Key${shown}: ${refusal}`;
  return { kind: 'refused', reason };
}

function applied(template: Template, fields: ReadonlyMap<string, string>): string {
  try {
    return template(fields);
  } catch (error) {
    throw about('error applying template to repo', error);
  }
}

type Staged = Upload & {
  readonly repo: RepoObject;
  readonly staged: string;
  /** Of the .changes file. */
  readonly path: string;
};

/** @returns names of the files that were taken */
async function importStaged(
  ports: Ports,
  { changes, repo, staged, path }: Staged,
  { forceReplace, job }: One,
): Promise<{ readonly failed: readonly string[]; readonly taken: readonly string[] }> {
  const names = changes.files.map((file) => file.name);
  const folder = dirname(path);
  const { events, taken, packages } = await takeFiles(ports, {
    paths: names
      .filter(isPackageFile)
      .sort()
      .map((name) => join(folder, name)),
    read: (file) => join(staged, basename(file)),
    before: await loadPackageSet(ports, repo.list),
    forceReplace,
    mayTake: (pkg) => isOfUpload(pkg, changes),
    warn: (message) => job.report({ type: 'warning', message: message.replaceAll(staged, folder) }),
    signal: job.signal,
  });
  await saveRepos(ports, [{ repo, packages }]);
  const shown = events.map((event) => named(event, { staged, folder }));
  for (const event of shown) job.report(event);
  return {
    failed: shown.flatMap((event) => (event.type === 'file-failed' ? event.path : [])),
    taken: [...taken.map((file) => basename(file)), ...names.filter(isBuildInfo)],
  };
}

/** Messages name the files that people know, not the copies. */
function named(
  event: TakeEvent,
  { staged, folder }: { readonly staged: string; readonly folder: string },
): TakeEvent {
  if (event.type !== 'file-failed') return event;
  return { ...event, reason: event.reason.replaceAll(staged, folder) };
}

const prefix = 'upload-';

/** Runs `work` with an empty directory that goes away with it; removes those that a crash left. */
async function inPrivateDirectory<Result>(
  { config }: Pick<Ports, 'config'>,
  work: (directory: string) => Promise<Result>,
): Promise<Result> {
  const parent = join(config.rootDir, 'tmp');
  try {
    for (const name of await readdir(parent)) {
      if (name.startsWith(prefix)) await rm(join(parent, name), { recursive: true, force: true });
    }
    const directory = await mkdtemp(join(parent, prefix));
    try {
      return await work(directory);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  } catch (cause) {
    throw fileError(cause, `cannot use ${parent}`);
  }
}
