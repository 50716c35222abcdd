import type { Fetcher } from '../fetch/fetcher.ts';
import type { Ports } from '../packages/ports.ts';
import type { UpstreamFiles } from './upstream-files.ts';

/** What the use-cases of mirrors work with. */
export type MirrorPorts = Ports & {
  readonly fetcher: Fetcher;
  /** Another fetcher of another speed, in bytes a second; to be closed by who asked for it. */
  readonly limitedFetcher: (bytesPerSecond: number) => Promise<Fetcher>;
  readonly files: UpstreamFiles;
};
