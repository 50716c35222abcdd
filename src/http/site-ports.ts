import type { Ports } from '../packages/ports.ts';

/** What the page at `/` is told from. */
export type SitePorts = Ports & {
  /** Absolute: what the server serves. */
  readonly publicDirectory: string;
};
