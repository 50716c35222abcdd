import { basename, dirname, join } from 'node:path';
import type { PublicationPlace } from '../catalog/contract.ts';
import { EspejoError } from '../core/errors.ts';
import { assertSafePath } from '../deb/paths.ts';

/** Where the parts of a publication are on disk; all absolute but the link target. */
export type PublicationLayout = {
  /** `<public>/<prefix>` */
  readonly prefix: string;
  /** `<public>/<prefix>/dists/<distribution>`: a relative symbolic link to the current generation. */
  readonly link: string;
  /** Where the directory goes that another program had published in the place of `link`. */
  readonly takenOver: string;
  /** What `link` is called while it is made; the same in every run, so that a later run finds it. */
  readonly newLink: string;
  /** The directory of all generations of this publication. */
  readonly generations: string;
  generation(id: string): string;
  /** What `link` holds when `id` is current. */
  linkTarget(id: string): string;
};

/** Name of the directory beside the distributions that holds generations; not listed by the server. */
const storeName = '.espejo';

/**
 * The places of a publication. Names are checked where they enter; here what an adopted database or a damaged catalog may
 * hold is kept from leaving the published root or reaching into the generations of others.
 * @throws E_UNSAFE_PATH
 */
export function layoutOf(
  publicDirectory: string,
  { prefix, distribution }: PublicationPlace,
): PublicationLayout {
  if (prefix !== '.') assertSafePath(prefix, 'prefix');
  assertSafePath(distribution, 'distribution');
  if ([...prefix.split('/'), ...distribution.split('/')].includes(storeName))
    throw new EspejoError(
      'E_UNSAFE_PATH',
      `invalid distribution ${distribution}: ${storeName} is espejo's own`,
    );
  const root = join(publicDirectory, prefix);
  const store = distribution.replaceAll('%', '%25').replaceAll('/', '%2F');
  const generations = join(root, 'dists', storeName, store);
  const up = '../'.repeat(distribution.split('/').length - 1);
  const link = join(root, 'dists', distribution);
  return {
    prefix: root,
    link,
    newLink: join(dirname(link), `.${basename(link)}.new`),
    generations,
    takenOver: join(generations, '.taken-over'),
    generation: (id) => join(generations, id),
    linkTarget: (id) => `${up}${storeName}/${store}/${id}`,
  };
}
