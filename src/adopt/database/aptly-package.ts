import type { FileFacts } from '../../core/digest.ts';

/** One package of the database. */
export type AptlyPackage = {
  /** As lists refer to it, one character a byte. */
  readonly key: string;
  readonly kind: 'deb' | 'udeb' | 'source' | 'installer';
  readonly name: string;
  /** Empty for installer images. */
  readonly version: string;
  /** `source` for source packages. */
  readonly architecture: string;
  /** aptly's FilesHash in hexadecimal, of at least 8 digits; computed for records that are older than it. */
  readonly filesHash: string;
  readonly files: readonly AptlyFile[];
  /**
   * The control paragraph as aptly shows it, in the bytes that it read: with file names instead of paths in an archive;
   * ends with a newline. Of installer images that of {@link renderInstallerParagraph}.
   */
  readonly stanza: Buffer;
  /** What is odd in it, in plain words; it is as aptly has it all the same. Empty for nearly all. */
  readonly oddities: readonly string[];
};

export type AptlyFile = {
  /** A base name; a relative path in the directory of installer images. */
  readonly name: string;
  /** As the record has it: that of an installer image may start with `./`. */
  readonly recordedName: string;
  /** Relative to the pool; undefined in records that know neither a path nor the MD5 that makes the old path. */
  readonly poolPath: string | undefined;
  /** Whether the path is of the layout before aptly 1.1. */
  readonly legacyPath: boolean;
  readonly facts: FileFacts;
};
