import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { findObject } from '../catalog/find-object.ts';
import type { RepoObject, Uploaders } from '../catalog/objects.ts';
import { about, inStage } from '../core/errors.ts';
import { fileError } from '../core/files.ts';
import { compileTemplate, type Template } from '../go/go-template.ts';
import { ignoresSignatures, loadVerifyingKeyring, type Verification } from '../keys/verifying-keyring.ts';
import type { Keyring } from '../openpgp/contract.ts';
import type { Job } from '../packages/events.ts';
import { type FileFailure, findChangesFiles, isBuildInfo, isPackageFile } from '../packages/package-files.ts';
import { loadPackageSet } from '../packages/package-sets.ts';
import type { Ports } from '../packages/ports.ts';
import { type AddedFiles, isOfOneFile, outcomeOf, removeFiles, type TakeEvent, takeFiles } from './add.ts';
import { saveRepos } from './repos.ts';
import { isOfUpload, readUpload, stageUpload, type Upload } from './upload.ts';
import { refusalOf } from './uploaders.ts';

export type Inclusion = {
  /** .changes files and folders. */
  readonly paths: readonly string[];
  /** What relative paths are below. */
  readonly directory: string;
  readonly acceptUnsigned: boolean;
  /** With which keyrings signatures are verified, if they are. */
  readonly verification: Verification;
  readonly forceReplace: boolean;
  /** Delete the files of uploads that were taken. */
  readonly removeFiles: boolean;
  /** A template in Go's syntax that makes the name of the repository of the fields of the .changes file. */
  readonly repo: string;
  /** For repositories that have no rules of their own. */
  readonly uploaders?: Uploaders;
};

/**
 * Takes the packages of uploads into repositories (spec/semantics.md 8.3). Each upload is for itself and saved before the
 * next; of one of which any file fails, no file is deleted, nor one that an upload that failed lists too.
 * @returns what came of it; the same is told as events
 * @throws E_TEMPLATE_SYNTAX at the stage `read`; E_BAD_VALUE for an unknown provider
 * @throws E_DISK_FULL, E_ABORTED, which leave the uploads before saved and delete nothing
 * @throws E_IO, E_PERMISSION for files that cannot be deleted, when all else is done
 */
export async function includeChanges(ports: Ports, inclusion: Inclusion, job: Job): Promise<AddedFiles> {
  const { signal } = job;
  const template = await inStage('read', () => compileTemplate(inclusion.repo));
  const keyring = keyringFor(ports, inclusion.verification);
  const read = (path: string): string => resolve(inclusion.directory, path);
  return await ports.exclusively('repo include', signal, async () => {
    const { changes, failures } = await findChangesFiles(inclusion.paths, read);
    for (const failure of failures) job.report({ type: 'file-failed', ...failure });
    const added: string[] = [];
    const failed: FileFailure[] = [...failures];
    const done = new Set<string>();
    const needed = new Set<string>();
    for (const path of changes) {
      const result = await includeUpload(ports, path, { ...inclusion, template, keyring, read, job });
      added.push(...result.added);
      failed.push(...result.failed);
      for (const file of result.files) (result.failed.length === 0 ? done : needed).add(file);
    }
    if (inclusion.removeFiles) await removeFiles(Array.from(done).filter((file) => !needed.has(file)));
    return { added, failed };
  });
}

/** Loads the keyring when the first signed upload asks for it; undefined: signatures are not verified. */
function keyringFor(ports: Ports, verification: Verification): (() => Promise<Keyring>) | undefined {
  if (ignoresSignatures(ports, verification)) return undefined;
  let keyring: Promise<Keyring> | undefined;
  return () => {
    keyring ??= loadVerifyingKeyring(ports, verification.keyrings);
    return keyring;
  };
}

type Including = Inclusion & {
  readonly template: Template;
  readonly keyring: (() => Promise<Keyring>) | undefined;
  readonly read: (path: string) => string;
  readonly job: Job;
};

type Included = AddedFiles & {
  /** On disk: what can be deleted when nothing failed, and must stay when something did. */
  readonly files: readonly string[];
};

/** What is wrong with one upload must not stop the others; a full disk or a signal stops all. */
async function includeUpload(ports: Ports, path: string, including: Including): Promise<Included> {
  const name = basename(path);
  const from = dirname(including.read(path));
  let files: readonly string[] = [including.read(path)];
  try {
    const upload = await readUpload(including.read(path), name, { ...including, now: ports.now() });
    files = [...files, ...upload.changes.files.map((file) => join(from, file.name))];
    return await inPrivateDirectory(ports, async (staged) => {
      await stageUpload(upload.changes.files, {
        from,
        to: staged,
        folder: dirname(path),
        signal: including.job.signal,
      });
      const repo = await destinationOf(ports, upload, { ...including, name });
      if (repo.kind === 'refused') return { ...fail(including, { path, reason: repo.reason }), files };
      const { added, failed, taken } = await importStaged(
        ports,
        { ...upload, repo: repo.object, staged, path },
        including,
      );
      const done = [including.read(path), ...taken.map((file) => join(from, file))];
      return { added, failed, files: failed.length === 0 ? done : files };
    });
  } catch (error) {
    if (!isOfOneFile(error)) throw error;
    const reason = `unable to process file ${name}: ${error.message}`;
    return { ...fail(including, { path, reason }), files };
  }
}

function fail({ job }: Including, failure: FileFailure): AddedFiles {
  job.report({ type: 'file-failed', ...failure });
  return { added: [], failed: [failure] };
}

type Destination =
  | { readonly kind: 'open'; readonly object: RepoObject }
  | { readonly kind: 'refused'; readonly reason: string };

async function destinationOf(
  ports: Ports,
  { fields, keys }: Upload,
  { name, template, uploaders, job }: Including & { readonly name: string },
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
  { forceReplace, job }: Including,
): Promise<AddedFiles & { readonly taken: readonly string[] }> {
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
    ...outcomeOf(shown),
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
