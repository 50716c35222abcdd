import { link, lstat, open, readdir, readFile, readlink, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { digestNames, type FileFacts } from '../core/digest.ts';
import { EspejoError, isEspejoError, systemCode } from '../core/errors.ts';
import { fileError } from '../core/files.ts';
import { byHashPath } from '../deb/paths.ts';
import { parseRelease } from '../deb/release.ts';
import type { PublicationLayout } from './layout.ts';
import { makePublicDirectory, publicFileMode, syncDirectoriesBelow } from './public-files.ts';
import type { RenderedTree } from './render.ts';

/** The signed forms of a Release; absent when the publication is not signed. */
export type Signatures = { readonly inRelease: Buffer; readonly releaseGpg: Buffer };

type GenerationContent = {
  readonly id: string;
  readonly date: Date;
  readonly tree: RenderedTree;
  readonly signatures: Signatures | undefined;
  readonly byHash: boolean;
  /** Ids of earlier generations whose by-hash files stay reachable. */
  readonly carried: readonly string[];
};

/**
 * Writes a generation aside, whole and durable, under its final name. Nothing a client can see changes.
 * All files carry the date of the Release as their time, so that equal content has equal validators.
 * @throws E_DISK_FULL, E_PERMISSION, E_IO
 */
export async function writeGeneration(layout: PublicationLayout, content: GenerationContent): Promise<void> {
  const building = join(layout.generations, `.building-${content.id}`);
  try {
    await rm(building, { recursive: true, force: true });
    await makePublicDirectory(building);
    for (const { path, bytes, facts } of content.tree.files) {
      await writeDurably(join(building, path), bytes, content.date);
      if (content.byHash) await linkByHash(building, building, path, facts);
    }
    for (const id of content.carried) await carryByHash(layout.generation(id), building);
    await writeDurably(join(building, 'Release'), content.tree.release, content.date);
    if (content.signatures !== undefined) {
      await writeDurably(join(building, 'Release.gpg'), content.signatures.releaseGpg, content.date);
      await writeDurably(join(building, 'InRelease'), content.signatures.inRelease, content.date);
    }
    await syncDirectoriesBelow(building, await directoriesBelow(building));
    await rm(layout.generation(content.id), { recursive: true, force: true });
    await rename(building, layout.generation(content.id));
    await syncDirectoriesBelow(layout.prefix, [layout.generations]);
  } catch (cause) {
    await rm(building, { recursive: true, force: true }).catch(() => undefined);
    throw fileError(cause, `cannot write ${layout.generation(content.id)}`);
  }
}

/**
 * Makes a generation the one that clients see, by one rename.
 * @throws E_PUBLISH_CONFLICT when something that is not espejo's stands in the way
 */
export async function flip(layout: PublicationLayout, id: string): Promise<void> {
  await currentGeneration(layout);
  try {
    await makePublicDirectory(dirname(layout.link));
    await rm(layout.newLink, { force: true });
    await symlink(layout.linkTarget(id), layout.newLink);
    await rename(layout.newLink, layout.link);
    await syncDirectoriesBelow(layout.prefix, [dirname(layout.link)]);
  } catch (cause) {
    await removeStrayLink(layout);
    throw fileError(cause, `cannot switch ${layout.link}`);
  }
}

/**
 * The id of the generation that clients see now, or undefined when there is none.
 * @throws E_PUBLISH_CONFLICT when the place is taken by something else
 */
export async function currentGeneration(layout: PublicationLayout): Promise<string | undefined> {
  await assertRealParents(layout);
  const target = await linkTargetOf(layout.link);
  if (target === undefined) return undefined;
  const id = target.slice(target.lastIndexOf('/') + 1);
  if (layout.linkTarget(id) === target) return id;
  throw foreignTree(layout.link);
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

async function writeDurably(path: string, bytes: Buffer, date: Date): Promise<void> {
  await makePublicDirectory(dirname(path));
  const file = await open(path, 'wx', publicFileMode);
  try {
    await file.chmod(publicFileMode);
    await file.writeFile(bytes);
    await file.utimes(date, date);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Gives a file of `from` all its by-hash names in `into`. */
async function linkByHash(from: string, into: string, path: string, facts: FileFacts): Promise<void> {
  for (const name of digestNames) {
    const hex = facts.digests[name];
    if (hex === undefined) continue;
    const target = join(into, byHashPath(path, name, hex));
    await makePublicDirectory(dirname(target));
    await linkOnce(join(from, path), target);
  }
}

/** Offers the files that an earlier generation listed itself; not those it had carried from its forerunners. */
async function carryByHash(from: string, into: string): Promise<void> {
  const release = await readOwnRelease(from);
  if (release === undefined) return;
  for (const [path, facts] of release) await linkByHash(from, into, path, facts);
}

async function readOwnRelease(directory: string): Promise<ReadonlyMap<string, FileFacts> | undefined> {
  const path = join(directory, 'Release');
  try {
    return parseRelease(await readFile(path), path).files;
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || isEspejoError(error, 'E_RELEASE_SYNTAX')) return undefined;
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

async function directoriesBelow(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries.filter((one) => one.isDirectory()).map((one) => join(one.parentPath, one.name));
}

/** A distribution below another one (`xenial` and `xenial/updates`) would be written into the other's generation. */
async function assertRealParents({ link: place, prefix }: PublicationLayout): Promise<void> {
  const dists = join(prefix, 'dists');
  for (let parent = dirname(place); parent.length > dists.length; parent = dirname(parent)) {
    const facts = await lstat(parent).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw fileError(error, `cannot read ${parent}`);
    });
    if (facts !== undefined && !facts.isDirectory()) throw foreignTree(parent);
  }
}

async function linkTargetOf(path: string): Promise<string | undefined> {
  try {
    if (!(await lstat(path)).isSymbolicLink()) throw foreignTree(path);
    return await readlink(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw fileError(error, `cannot read ${path}`);
  }
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
