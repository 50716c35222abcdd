import { createWriteStream } from 'node:fs';
import { copyFile, link, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { mapConcurrently } from '../../core/concurrency.ts';
import { DigestMeter, digestNames, type FileFacts } from '../../core/digest.ts';
import { isEspejoError, systemCode } from '../../core/errors.ts';
import { fileError, syncDirectory } from '../../core/files.ts';
import { localFile } from '../../core/stored-file.ts';
import { assertSafeFilePath, byHashPath } from '../../deb/paths.ts';
import { parseRelease, type Release } from '../../deb/release.ts';
import type { Draft, GenerationFile, NewGeneration } from '../contract.ts';
import type { PublicationLayout } from './layout.ts';
import { lstatIfThere } from './lstat-if-there.ts';
import { makePublicDirectory, publicFileMode, syncDirectoriesBelow } from './public-files.ts';

/** A generation in a directory of its own, which gets its final name when it is sealed: whole and durable. */
export class DirectoryDraft implements Draft {
  readonly #layout: PublicationLayout;
  readonly #generation: NewGeneration;
  readonly #building: string;

  static async begin(layout: PublicationLayout, generation: NewGeneration): Promise<DirectoryDraft> {
    const draft = new DirectoryDraft(layout, generation);
    await draft.#guarded(async () => {
      await rm(draft.#building, { recursive: true, force: true });
      makePublicDirectory(draft.#building);
    });
    return draft;
  }

  private constructor(layout: PublicationLayout, generation: NewGeneration) {
    this.#layout = layout;
    this.#generation = generation;
    this.#building = join(layout.generations, `.building-${generation.id}`);
  }

  async write({ path, content, facts, byHash }: GenerationFile): Promise<void> {
    assertSafeFilePath(path, 'generation');
    await this.#guarded(async () => {
      await write(join(this.#building, path), content, this.#generation.date);
      if (byHash) await linkByHash(this.#building, this.#building, { path, facts });
    });
  }

  async reuse({ path, facts, byHash }: Omit<GenerationFile, 'content'>, from: string): Promise<boolean> {
    assertSafeFilePath(path, 'generation');
    return await this.#guarded(async () => {
      const existing = join(this.#layout.generation(from), path);
      const target = join(this.#building, path);
      if (!(await hasContent(existing, facts))) return false;
      makePublicDirectory(dirname(target));
      if (!(await linked(existing, target))) return false;
      if (byHash) await linkByHash(this.#building, this.#building, { path, facts });
      return true;
    });
  }

  async carry(from: Parameters<Draft['carry']>[0]): Promise<void> {
    const directory = from === 'foreign' ? this.#layout.link : this.#layout.generation(from.generation);
    await this.#guarded(() => carryByHash(directory, this.#building));
  }

  async seal(release: Parameters<Draft['seal']>[0]): Promise<void> {
    const { id, date, signal } = this.#generation;
    await this.#guarded(async () => {
      for (const [name, bytes] of release) await write(join(this.#building, name), [bytes], date);
      await syncTree(this.#building, signal);
      await rm(this.#layout.generation(id), { recursive: true, force: true });
      await rename(this.#building, this.#layout.generation(id));
      await syncDirectoriesBelow(this.#layout.prefix, [this.#layout.generations]);
    });
  }

  /** What cannot be removed is found by the next run. */
  async discard(): Promise<void> {
    await rm(this.#building, { recursive: true, force: true }).catch(() => undefined);
  }

  async #guarded<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (cause) {
      throw fileError(cause, `cannot write ${this.#layout.generation(this.#generation.id)}`);
    }
  }
}

async function write(path: string, content: GenerationFile['content'], date: Date): Promise<void> {
  makePublicDirectory(dirname(path));
  if ('length' in content) await writeFile(path, content, { flag: 'wx', mode: publicFileMode });
  else if (content.localPath === undefined)
    await pipeline(content.read(), createWriteStream(path, { flags: 'wx', mode: publicFileMode }));
  else if (content.isImmutable && (await linked(content.localPath, path))) return;
  else await copyFile(content.localPath, path);
  const file = await open(path, 'r+');
  try {
    await file.chmod(publicFileMode);
    await file.utimes(date, date);
  } finally {
    await file.close();
  }
}

/** Reads the file: one that is damaged must not be gone on with. */
async function hasContent(path: string, { size, digests }: FileFacts): Promise<boolean> {
  const found = await lstatIfThere(path);
  if (found?.isFile() !== true || found.size !== size) return false;
  const meter = new DigestMeter(['sha256']);
  for await (const chunk of localFile(path, { isImmutable: true }).read()) meter.update(chunk);
  return meter.finish().digests.sha256 === digests.sha256;
}

/** @returns false when the two are on different file systems, or this one has no hard links */
async function linked(existing: string, name: string): Promise<boolean> {
  try {
    await link(existing, name);
    return true;
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EXDEV' || code === 'ENOTSUP' || code === 'EPERM' || code === 'EMLINK') return false;
    throw error;
  }
}

/** Gives a file of `from` all its by-hash names in `into`. */
async function linkByHash(
  from: string,
  into: string,
  { path, facts }: { readonly path: string; readonly facts: FileFacts },
): Promise<void> {
  for (const name of digestNames) {
    const hex = facts.digests[name];
    if (hex === undefined) continue;
    const target = join(into, byHashPath(path, name, hex));
    makePublicDirectory(dirname(target));
    await linkOnce(join(from, path), target);
  }
}

/** Offers the files that an earlier generation listed itself; not those it had carried from its forerunners. */
async function carryByHash(from: string, into: string): Promise<void> {
  const release = await readOwnRelease(from);
  if (release?.acquireByHash !== true) return;
  for (const [path, facts] of release.files) {
    const isThere = (await lstatIfThere(join(from, path)))?.isFile() === true;
    if (isThere) await linkByHash(from, into, { path, facts });
  }
}

async function readOwnRelease(directory: string): Promise<Release | undefined> {
  const path = join(directory, 'Release');
  try {
    return parseRelease(await readFile(path), path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || isEspejoError(error, 'E_RELEASE_SYNTAX', 'E_UNSAFE_PATH'))
      return undefined;
    throw error;
  }
}

async function linkOnce(existing: string, name: string): Promise<void> {
  try {
    await link(existing, name);
  } catch (error) {
    const code = systemCode(error);
    if (code !== 'EEXIST' && code !== 'ENOENT') throw error;
  }
}

/** Files synced at once: the file system joins them to few writes of its journal. */
const syncWidth = 16;

/** Makes all files and directories below `root` durable. */
async function syncTree(root: string, signal: AbortSignal): Promise<void> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const isData = entries.filter((one) => one.isFile() && !one.parentPath.includes('/by-hash/'));
  const paths = [...isData, ...entries.filter((one) => one.isDirectory())].map((one) =>
    join(one.parentPath, one.name),
  );
  await mapConcurrently([...paths, root], { width: syncWidth, signal }, syncDirectory);
}
