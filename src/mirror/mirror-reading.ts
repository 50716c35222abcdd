import type { Fetcher } from '../fetch/fetcher.ts';
import type { Keyring } from '../openpgp/contract.ts';
import type { UpstreamFiles } from './upstream-files.ts';

/** How the indexes of a mirror are read. */
export type MirrorReading = {
  readonly fetcher: Fetcher;
  readonly files: UpstreamFiles;
  /** Undefined: signatures are not looked at. */
  readonly keyring: Keyring | undefined;
  readonly now: Date;
  /** Longest an index may be, inflated; longest a list of images and its signature may be. */
  readonly limits: { readonly indexBytes: number; readonly releaseBytes: number };
  /** How often each file is tried at least. */
  readonly tries: number;
  /** Whether wrong sizes and digests are but warned about. */
  readonly ignoreChecksums: boolean;
  /** Size in bytes of an installer image that is known from before, by its name and SHA-256. */
  readonly knownImageSize: (name: string, sha256: string) => number | undefined;
};
