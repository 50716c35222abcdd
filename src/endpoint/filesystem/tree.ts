import { readdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EspejoError, systemCode } from '../../core/errors.ts';
import { fileError, syncDirectory } from '../../core/files.ts';
import type { Visible } from '../contract.ts';
import type { PublicationLayout } from './layout.ts';
import { lstatIfThere } from './lstat-if-there.ts';
import { makePublicDirectory, syncDirectoriesBelow } from './public-files.ts';

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
    if (seen.kind === 'foreign') {
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

/**
 * What clients see at the place of a publication.
 * @param mayBeForeign whether the directory of another program may be there
 * @throws E_PUBLISH_CONFLICT when the place is taken by something else
 */
export async function visibleTree(layout: PublicationLayout, mayBeForeign: boolean): Promise<Visible> {
  await assertRealParents(layout);
  const facts = await lstatIfThere(layout.link);
  if (facts === undefined) return { kind: 'nothing' };
  if (mayBeForeign && facts.isDirectory()) return { kind: 'foreign' };
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

/** The ids of the generations that are whole. */
export async function generationsIn({ generations }: PublicationLayout): Promise<readonly string[]> {
  return (await namesIn(generations)).filter((name) => !name.startsWith('.'));
}

/** A distribution below another one (`xenial` and `xenial/updates`) would be written into the other's generation. */
async function assertRealParents({ link: place, prefix }: PublicationLayout): Promise<void> {
  const dists = join(prefix, 'dists');
  for (let parent = dirname(place); parent.length > dists.length; parent = dirname(parent)) {
    const facts = await lstatIfThere(parent);
    if (facts !== undefined && !facts.isDirectory()) throw foreignTree(parent);
  }
}

function foreignTree(path: string): EspejoError {
  return new EspejoError('E_PUBLISH_CONFLICT', `${path}: is taken by a tree that espejo did not publish`, {
    hint: 'move it away, or choose another prefix or distribution for the publication',
  });
}

export async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}
