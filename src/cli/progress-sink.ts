import type { Reporter } from '../core/progress.ts';

export type ProgressSink = {
  readonly report: Reporter;
  /** A line for people that is no event. */
  readonly say: (line: string) => void;
  /** A line that is told although all is quiet. */
  readonly log: (line: string) => void;
  /** Makes room for text that goes past the sink to the same terminal. */
  readonly clear: () => void;
  readonly end: () => void;
};

export type Terminal = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
