import { flatDirectory, isFlatSuite, suiteDirectory } from '../deb/suite-directory.ts';
import { joinUrl } from '../fetch/url.ts';

/** An archive and the part of it that a mirror is of. */
export type ReleasePlace = {
  /** With a trailing slash. */
  readonly archiveRoot: string;
  /** The directory below `dists/`, or `./` or `./<path>/` of a flat archive. */
  readonly distribution: string;
};

/**
 * A distribution as mirrors keep it: one that begins with a dot or ends with a slash is flat and becomes `./` or
 * `./<path>/`.
 */
export function normalDistribution(text: string): string {
  if (!isFlat({ distribution: text })) return text;
  return `./${flatDirectory(text)}`;
}

/** A flat archive has no `dists` and no components: its Release file lies beside its packages. */
export function isFlat({ distribution }: Pick<ReleasePlace, 'distribution'>): boolean {
  return isFlatSuite(distribution);
}

/**
 * The URL of a file that the Release file lists by its path, and of the Release file itself.
 * @throws E_UNSAFE_PATH, E_FETCH_UNSUPPORTED
 */
export function releaseFileUrl(place: ReleasePlace, path: string): string {
  return joinUrl(place.archiveRoot, releaseDirectory(place) + path);
}

/** With a trailing slash, or empty: relative to the archive root. @throws E_UNSAFE_PATH */
export function releaseDirectory({ distribution }: Pick<ReleasePlace, 'distribution'>): string {
  return suiteDirectory(distribution);
}
