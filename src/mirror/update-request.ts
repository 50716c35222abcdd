import type { FollowOptions } from '../packages/dependencies.ts';
import type { ResolutionEvent } from '../packages/events.ts';
import type { ReleaseAccess } from './mirror-release.ts';

/** How a mirror is updated: the flags of `mirror update`. */
export type UpdateRequest = Pick<ReleaseAccess, 'keyring' | 'tries'> & {
  /** Although another process seems to update it. */
  readonly force: boolean;
  /** Wrong sizes and digests are warnings; what is kept has the digests of what came. */
  readonly ignoreChecksums: boolean;
  /** What to do with a package of which the archive does not have a file: fail, or leave it out until the next update. */
  readonly missing: 'fail' | 'warn';
  readonly latest: boolean;
  /** Do not look at the pool for packages that the mirror has already. */
  readonly skipExisting: boolean;
  readonly follow: FollowOptions;
  /** Undefined: as configured. */
  readonly bytesPerSecond: number | undefined;
  readonly onResolve: (event: ResolutionEvent) => void;
  readonly onStep: (step: UpdateStep) => void;
};

/** What an update tells while it works. */
export type UpdateStep =
  | { readonly kind: 'indexes' }
  | { readonly kind: 'download'; readonly url: string }
  | { readonly kind: 'duplicate'; readonly label: string }
  | { readonly kind: 'warning'; readonly message: string }
  | { readonly kind: 'filtering' }
  | { readonly kind: 'filtered'; readonly before: number; readonly after: number }
  | { readonly kind: 'queueing' }
  | { readonly kind: 'queue'; readonly files: number; readonly bytes: number };
