import type { PackageFile } from '../deb/package.ts';

/** A file that a mirror needs. */
export type WantedFile = {
  /** See `fileId`; of the file as its index lists it. */
  readonly id: string;
  /** Its SHA-256 may be unknown. */
  readonly file: PackageFile;
  /** The package that it belongs to, for errors. */
  readonly label: string;
  /** Candidates, to be tried in order. */
  readonly urls: () => readonly string[];
};

/**
 * Decides which packages of its indexes a mirror has: `strict`, as apt and the policy read relations, over all suites of a
 * configured mirror; or `aptly`, as aptly's filters do, over one suite. Where an index says several things of one package (it
 * was built anew under its old name and version), the first counts until another is chosen.
 */
export interface Resolver<Wanted extends WantedFile = WantedFile> {
  /** The files of all that is said of packages of which several things are said. */
  contested(): readonly WantedFile[];
  /** Whether nothing but such packages needs the file: it may be wrong. */
  isContested(id: string): boolean;
  /** Uses of each such package the first of which all files are there; if none is, it stays as it is. */
  prefer(isThere: (fileId: string) => boolean): void;
  /**
   * Uses something else of each such package that has a file which is not what was said of it.
   * @param isUnfit of all files that were found to be so
   * @returns whether something else is used now
   */
  refuse(isUnfit: (fileId: string) => boolean): boolean;
  /** Selects anew and says which files that needs, those included that tell what is true. */
  wanted(): readonly Wanted[];
}
