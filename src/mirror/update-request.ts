import type { FollowOptions } from '../packages/dependencies.ts';
import type { ReleaseAccess } from './mirror-release.ts';

/** How a mirror is updated. */
export type UpdateRequest = ReleaseAccess & {
  readonly name: string;
  /** Although another process seems to update it. */
  readonly force: boolean;
  /** Wrong sizes and digests are warnings; what is kept has the digests of what came. */
  readonly ignoreChecksums: boolean;
  /** What to do with a package of which the archive does not have a file: fail, or leave it out until the next update. */
  readonly missing: 'fail' | 'warn';
  readonly latest: boolean;
  /** Do not look at the pool for packages that the mirror has already. */
  readonly skipExisting: boolean;
  /** What is not said of dependencies is as configured. */
  readonly follow: FollowOptions;
  /** Undefined: as configured. */
  readonly bytesPerSecond: number | undefined;
};
