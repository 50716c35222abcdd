import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { abortedError } from '../core/abort.ts';
import { errorOf } from '../core/error-facts.ts';
import { EspejoError } from '../core/errors.ts';
import type { Job } from '../core/progress.ts';
import type { WorkerMessage, WorkerOrder, WorkerResults, WorkerTask } from './worker-protocol.ts';

/** How long the worker may take to stop; whatever it does can be killed at any instant. */
const stopMs = 5_000;

/**
 * Runs one task in a thread of its own, so that inflating and hashing never delay an answer of the server. An abort
 * asks the worker to stop, and ends it when it does not.
 * @throws what the task throws; E_ABORTED; E_INTERNAL when the thread dies
 */
export async function runInWorker<Task extends WorkerTask>(
  order: WorkerOrder<Task>,
  { signal, report }: Job,
): Promise<WorkerResults[Task]> {
  if (signal.aborted) throw abortedError(signal);
  const file = new URL(`./job-worker${extname(import.meta.url)}`, import.meta.url);
  const worker = new Worker(file, { workerData: order });
  let deadline: NodeJS.Timeout | undefined;
  const stop = (): void => {
    worker.postMessage('stop');
    deadline = setTimeout(() => void worker.terminate(), stopMs);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await new Promise<WorkerResults[Task]>((resolve, reject) => {
      worker.on('message', (message: WorkerMessage) => {
        if (message.type === 'progress') report(message.event);
        else if (message.type === 'done') resolve(message.result as WorkerResults[Task]);
        else reject(errorOf(message));
      });
      worker.once('error', (cause) =>
        reject(new EspejoError('E_INTERNAL', 'the job thread failed', { cause })),
      );
      worker.once('exit', () =>
        reject(
          signal.aborted
            ? abortedError(signal)
            : new EspejoError('E_INTERNAL', 'the job thread ended without a result'),
        ),
      );
    });
  } finally {
    clearTimeout(deadline);
    signal.removeEventListener('abort', stop);
  }
}
