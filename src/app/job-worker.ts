import { parentPort, workerData } from 'node:worker_threads';
import { errorFacts } from '../core/error-facts.ts';
import { invariant, isEspejoError } from '../core/errors.ts';
import { isProgress } from '../core/progress.ts';
import type { Event } from '../packages/events.ts';
import { cleanUpByPolicy } from '../upkeep/cleanup-by-policy.ts';
import { runCycle } from './cycle.ts';
import { openRoot } from './open-root.ts';
import type { WorkerMessage, WorkerOrder } from './worker-protocol.ts';

const tasks = { round: runCycle, cleanup: cleanUpByPolicy } as const;

/** Entry of the worker thread: one task beside the serving thread, then the end. */
async function main(): Promise<void> {
  const port = parentPort;
  invariant(port !== null, 'the job worker runs in a worker thread');
  const order = workerData as WorkerOrder;
  const send = (message: WorkerMessage): void => port.postMessage(message);
  const stop = new AbortController();
  port.once('message', () => stop.abort());
  port.unref();
  try {
    const report = (event: Event): void => {
      if (isProgress(event)) send({ type: 'progress', event });
    };
    const { config, env, lockWaitMs } = order;
    const { signal } = stop;
    const app = await openRoot({ config, env, lockWaitMs, report, signal });
    try {
      send({ type: 'done', result: await tasks[order.task](app, { signal, report }) });
    } finally {
      await app.close();
    }
  } catch (error) {
    if (!isEspejoError(error)) throw error;
    send({ type: 'failed', ...errorFacts(error) });
  }
}

await main();
