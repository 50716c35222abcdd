import {
  copyFile,
  link,
  lstat,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { mapConcurrently } from '../core/concurrency.ts';
import { digestNames, type FileFacts } from '../core/digest.ts';
import { EspejoError, isEspejoError, systemCode } from '../core/errors.ts';
import { fileError, syncDirectory } from '../core/files.ts';
import { assertSafeFilePath, byHashPath } from '../deb/paths.ts';
import { parseRelease, type Release } from '../deb/release.ts';
import type { PublicationLayout } from './layout.ts';
import { makePublicDirectory, publicFileMode, syncDirectoriesBelow } from './public-files.ts';
import type { RenderedFile } from './rendered-file.ts';

export type GenerationContent = {
  readonly id: string;
  readonly date: Date;
  /** Written as they come. */
  readonly files: AsyncIterable<RenderedFile>;
  /** What is written last, in its order, given what Release lists: Release and its signatures, by name. */
  readonly release: (
    listed: ReadonlyMap<string, FileFacts>,
  ) => Promise<readonly (readonly [name: string, bytes: Buffer])[]>;
  readonly byHash: boolean;
  /** Directories of earlier generations whose by-hash files stay reachable. */
  readonly carried: readonly string[];
  readonly signal: AbortSignal;
};

/**
 * Writes a generation aside, whole and durable, under its final name. Nothing a client can see changes.
 * All files carry the date of the Release as their time, so that equal content has equal validators.
 * @throws E_UNSAFE_PATH for a file that would leave it; E_DISK_FULL, E_PERMISSION, E_IO; what `files` and `release` throw
 */
export async function writeGeneration(layout: PublicationLayout, content: GenerationContent): Promise<void> {
  const building = join(layout.generations, `.building-${content.id}`);
  try {
    await rm(building, { recursive: true, force: true });
    makePublicDirectory(building);
    const listed = new Map<string, FileFacts>();
    for await (const file of content.files) {
      assertSafeFilePath(file.path, 'generation');
      if (listed.has(file.path)) throw twice(file.path);
      if (file.listed) listed.set(file.path, file.facts);
      if (file.content === undefined) continue;
      await write(join(building, file.path), file.content, content.date);
      if (content.byHash && file.byHash) await linkByHash(building, building, file);
    }
    for (const directory of content.carried) await carryByHash(directory, building);
    for (const [name, bytes] of await content.release(listed))
      await write(join(building, name), [bytes], content.date);
    await syncTree(building, content.signal);
    await rm(layout.generation(content.id), { recursive: true, force: true });
    await rename(building, layout.generation(content.id));
    await syncDirectoriesBelow(layout.prefix, [layout.generations]);
  } catch (cause) {
    await rm(building, { recursive: true, force: true }).catch(() => undefined);
    throw fileError(cause, `cannot write ${layout.generation(content.id)}`);
  }
}

/**
 * Makes a generation the one that clients see, by one rename. The directory of another program in its place is moved
 * aside first: for the time of one system call the place is empty, and {@link finishTakeOver} ends what dies between.
 * @throws E_PUBLISH_CONFLICT when something that is not espejo's stands in the way
 */
export async function flip(
  layout: PublicationLayout,
  id: string,
  { takesOver }: { readonly takesOver: boolean },
): Promise<void> {
  const seen = await visibleTree(layout, takesOver);
  try {
    makePublicDirectory(dirname(layout.link));
    await rm(layout.newLink, { force: true });
    await symlink(layout.linkTarget(id), layout.newLink);
    if (seen.kind === 'directory') {
      await rm(layout.takenOver, { recursive: true, force: true });
      await syncDirectoriesBelow(layout.prefix, [dirname(layout.link)]);
      await rename(layout.link, layout.takenOver);
    }
    await rename(layout.newLink, layout.link);
    await syncDirectoriesBelow(layout.prefix, [dirname(layout.link)]);
  } catch (cause) {
    await finishTakeOver(layout);
    await removeStrayLink(layout);
    throw fileError(cause, `cannot switch ${layout.link}`);
  }
}

/** What clients see at the place of a publication. */
export type VisibleTree =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'generation'; readonly id: string }
  /** Made by another program. */
  | { readonly kind: 'directory' };

/**
 * @param mayBeForeign whether the directory of another program may be there
 * @throws E_PUBLISH_CONFLICT when the place is taken by something else
 */
export async function visibleTree(layout: PublicationLayout, mayBeForeign: boolean): Promise<VisibleTree> {
  await assertRealParents(layout);
  const facts = await lstatIfThere(layout.link);
  if (facts === undefined) return { kind: 'nothing' };
  if (mayBeForeign && facts.isDirectory()) return { kind: 'directory' };
  if (!facts.isSymbolicLink()) throw foreignTree(layout.link);
  const target = await readlink(layout.link);
  const id = target.slice(target.lastIndexOf('/') + 1);
  if (layout.linkTarget(id) === target) return { kind: 'generation', id };
  throw foreignTree(layout.link);
}

/** Ends a {@link flip} that died while it took over a directory: forwards when the new tree is there, else back. */
export async function finishTakeOver(layout: PublicationLayout): Promise<void> {
  try {
    if ((await lstatIfThere(layout.link)) !== undefined) return;
    if ((await lstatIfThere(layout.takenOver)) === undefined) return;
    const link = await lstatIfThere(layout.newLink);
    await rename(link?.isSymbolicLink() === true ? layout.newLink : layout.takenOver, layout.link);
    await syncDirectory(dirname(layout.link));
  } catch (cause) {
    throw fileError(cause, `cannot mend ${layout.link}`);
  }
}

/** Removes what a run that died within {@link flip} has left. */
export async function removeStrayLink({ newLink }: PublicationLayout): Promise<void> {
  try {
    await rm(newLink, { force: true });
  } catch (cause) {
    throw fileError(cause, `cannot remove ${newLink}`);
  }
}

/** Removes the generation directories that are not among `keep`, and what an interrupted run has left. */
export async function removeGenerations(layout: PublicationLayout, keep: ReadonlySet<string>): Promise<void> {
  try {
    for (const name of await namesIn(layout.generations)) {
      if (!keep.has(name)) await rm(join(layout.generations, name), { recursive: true, force: true });
    }
  } catch (cause) {
    throw fileError(cause, `cannot clean ${layout.generations}`);
  }
}

/** Whether the directory of a generation is there. */
export async function hasGeneration(layout: PublicationLayout, id: string): Promise<boolean> {
  return (await namesIn(layout.generations)).includes(id);
}

async function write(path: string, content: NonNullable<RenderedFile['content']>, date: Date): Promise<void> {
  makePublicDirectory(dirname(path));
  if ('length' in content) await writeFile(path, content, { flag: 'wx', mode: publicFileMode });
  else if (content.immutable && (await linked(content.path, path))) return;
  else await copyFile(content.path, path);
  const file = await open(path, 'r+');
  try {
    await file.chmod(publicFileMode);
    await file.utimes(date, date);
  } finally {
    await file.close();
  }
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

/** A distribution below another one (`xenial` and `xenial/updates`) would be written into the other's generation. */
async function assertRealParents({ link: place, prefix }: PublicationLayout): Promise<void> {
  const dists = join(prefix, 'dists');
  for (let parent = dirname(place); parent.length > dists.length; parent = dirname(parent)) {
    const facts = await lstatIfThere(parent);
    if (facts !== undefined && !facts.isDirectory()) throw foreignTree(parent);
  }
}

type Stats = Awaited<ReturnType<typeof lstat>>;

async function lstatIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw fileError(error, `cannot read ${path}`);
  }
}

function twice(path: string): EspejoError {
  return new EspejoError('E_PUBLISH_CONFLICT', `two files of the publication would be ${path}`, {
    hint: 'remove the one in the directory skel',
  });
}

function foreignTree(path: string): EspejoError {
  return new EspejoError('E_PUBLISH_CONFLICT', `${path}: is taken by a tree that espejo did not publish`, {
    hint: 'move it away, or choose another prefix or distribution for the publication',
  });
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}
