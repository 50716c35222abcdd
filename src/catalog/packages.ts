import type { Digests } from '../core/digest.ts';

/** Digest over the sorted members of a list: equal content has an equal id on every machine. */
export type ListId = string;

/**
 * One package as the catalog keeps it: its stanza as upstream wrote it, and what queries need most. Those that come from
 * a catalog read `stanza` and `files` when they are asked for, as long as the catalog is open; a copy by spread
 * loses them.
 */
export type PackageRecord = {
  /** aptly's package key: `P<arch> <name> <version> <files hash>`. */
  readonly key: string;
  readonly kind: 'deb' | 'udeb' | 'source' | 'installer';
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly stanza: Buffer;
  readonly files: readonly PackageFileRecord[];
  /** The `Provides` field where it is known without reading the stanza; empty when there is none. */
  readonly provides?: string;
};

export type PackageFileRecord = {
  /** Base name; of an installer image the path in the directory of the images. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly digests: Digests;
  /** Path below the pool root. */
  readonly poolPath: string;
};
