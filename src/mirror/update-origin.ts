import type { MirrorObject } from '../catalog/objects.ts';
import { sha256Hex } from '../core/digest.ts';
import type { FollowOptions } from '../packages/dependencies.ts';
import type { NeededIndex } from './index-files.ts';
import type { UpdateRequest } from './update-request.ts';

/** To be raised when the same indexes and settings make other packages, or other records of them. */
const form = 2;

/**
 * Identifies what decides the packages of a mirror: its indexes, its settings and the flags of the update. Undefined when
 * nobody vouches for an index before it is read.
 */
export function originOf(
  indexes: readonly NeededIndex[],
  mirror: MirrorObject,
  {
    follow,
    latest,
    ignoreChecksums,
  }: Pick<UpdateRequest, 'latest' | 'ignoreChecksums'> & { readonly follow: FollowOptions },
): string | undefined {
  if (ignoreChecksums) return undefined;
  const digests: string[] = [];
  for (const index of indexes) {
    const sha256 = index.kind === 'installer' ? undefined : index.plain?.digests.sha256;
    if (sha256 === undefined) return undefined;
    digests.push(`${index.path} ${sha256}`);
  }
  const { archiveRoot, distribution, architectures, filter, filterWithDeps } = mirror;
  return sha256Hex(
    JSON.stringify([
      form,
      digests,
      archiveRoot,
      distribution,
      architectures,
      filter,
      filterWithDeps,
      follow,
      latest,
    ]),
  );
}
