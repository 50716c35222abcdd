import type { EspejoConfig } from '../config/config.ts';
import type { ErrorCode } from '../core/error-codes.ts';
import type { ProgressEvent } from '../core/progress.ts';
import type { CycleResult } from './cycle.ts';

/** What the serving thread hands to the worker; any message to the worker afterwards means "stop". */
export type WorkerOrder = {
  readonly config: EspejoConfig;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly lockWaitMs: number;
};

export type WorkerMessage =
  | { readonly type: 'progress'; readonly event: ProgressEvent }
  | { readonly type: 'done'; readonly result: CycleResult }
  | {
      readonly type: 'failed';
      readonly code: ErrorCode;
      readonly message: string;
      readonly hint: string | undefined;
    };
