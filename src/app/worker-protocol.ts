import type { EspejoConfig } from '../config/config.ts';
import type { ErrorFacts } from '../core/error-facts.ts';
import type { ProgressEvent } from '../core/progress.ts';
import type { CleanupOutcome } from '../upkeep/cleanup-by-policy.ts';
import type { CycleResult } from './cycle.ts';

/** What a worker can be told to do, and what comes of it. */
export type WorkerResults = {
  readonly round: CycleResult;
  readonly cleanup: CleanupOutcome;
};

export type WorkerTask = keyof WorkerResults;

/** What the serving thread hands to the worker; any message to the worker afterwards means "stop". */
export type WorkerOrder<Task extends WorkerTask = WorkerTask> = {
  readonly task: Task;
  readonly config: EspejoConfig;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly lockWaitMs: number;
};

export type WorkerMessage =
  | { readonly type: 'progress'; readonly event: ProgressEvent }
  | { readonly type: 'done'; readonly result: WorkerResults[WorkerTask] }
  | ({ readonly type: 'failed' } & ErrorFacts);
