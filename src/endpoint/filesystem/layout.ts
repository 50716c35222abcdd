import { basename, dirname, join } from 'node:path';
import type { Place } from '../contract.ts';
import { assertPlace, storeOf } from '../place.ts';

/** Where the parts of a publication are on disk; all absolute but the link target. */
export type PublicationLayout = {
  /** `<endpoint>/<prefix>` */
  readonly prefix: string;
  /** `<endpoint>/<prefix>/dists/<distribution>`: a relative symbolic link to the current generation. */
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

/** The places of a publication. @throws E_UNSAFE_PATH */
export function layoutOf(endpointDirectory: string, place: Place): PublicationLayout {
  assertPlace(place);
  const { prefix, distribution } = place;
  const root = join(endpointDirectory, prefix);
  const store = storeOf(distribution);
  const generations = join(root, 'dists', store);
  const up = '../'.repeat(distribution.split('/').length - 1);
  const link = join(root, 'dists', distribution);
  return {
    prefix: root,
    link,
    newLink: join(dirname(link), `.${basename(link)}.new`),
    generations,
    takenOver: join(generations, '.taken-over'),
    generation: (id) => join(generations, id),
    linkTarget: (id) => `${up}${store}/${id}`,
  };
}
