import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorFacts, errorOf } from '../core/error-facts.ts';
import { EspejoError } from '../core/errors.ts';
import { silentJournal } from '../core/journal.ts';
import { prepareAddress } from './listen.ts';
import type { Serving, ServingOptions } from './serve-here.ts';
import type { Order, Question, Report } from './serving-protocol.ts';

/** Until a process that ended is replaced, in milliseconds; doubled while they end at once. */
const firstWaitMs = 500;
const longestWaitMs = 30_000;
/** A process that lived that long had begun well. */
const soundMs = 10_000;
/** How much longer than the grace a process may take. */
const endMs = 2_000;

/**
 * Processes that share one address: this one takes the connections and hands them out in turn, they answer. What only
 * this one knows they ask it for; what they have to tell goes to its journal. One that ends is replaced.
 */
export class ServingProcesses implements Serving {
  url = '';
  readonly #options: ServingOptions;
  readonly #workers = new Set<Worker>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #isClosing = false;
  #waitMs = firstWaitMs;

  private constructor(options: ServingOptions) {
    this.#options = options;
  }

  /** @throws E_PORT_IN_USE, E_LISTEN, E_INTERNAL */
  static async start(options: ServingOptions, count: number): Promise<ServingProcesses> {
    await prepareAddress(options.address);
    cluster.setupPrimary({
      exec: fileURLToPath(new URL(`./serving-process${extname(import.meta.url)}`, import.meta.url)),
      args: [],
      serialization: 'advanced',
    });
    const serving = new ServingProcesses(options);
    try {
      // The first one says whether the address can be had at all.
      serving.url = await serving.#fork();
      await Promise.all(Array.from({ length: count - 1 }, () => serving.#fork()));
    } catch (error) {
      await serving.close(0);
      throw error;
    }
    return serving;
  }

  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all(
      [...this.#workers].map(async (worker) => {
        const ended = once(worker, 'exit');
        send(worker, { type: 'close', graceMs });
        const deadline = setTimeout(() => worker.process.kill('SIGKILL'), graceMs + endMs);
        await ended;
        clearTimeout(deadline);
      }),
    );
  }

  /** Settles with its URL when the process listens. */
  async #fork(): Promise<string> {
    const worker = cluster.fork();
    const bornAt = performance.now();
    this.#workers.add(worker);
    const listening = Promise.withResolvers<string>();
    worker.on('message', (report: Report) => {
      if (report.type === 'listening') listening.resolve(report.url);
      else if (report.type === 'failed') listening.reject(errorOf(report));
      else void this.#answer(worker, report);
    });
    worker.once('exit', (status, signal) => {
      this.#workers.delete(worker);
      const how = signal === null ? `with status ${status}` : `by ${signal}`;
      listening.reject(new EspejoError('E_INTERNAL', `a serving process ended ${how} before it listened`));
      if (this.url !== '' && !this.#isClosing) this.#replace(how, performance.now() - bornAt);
    });
    return await listening.promise;
  }

  #replace(how: string, livedMs: number): void {
    this.#waitMs = livedMs >= soundMs ? firstWaitMs : Math.min(this.#waitMs * 2, longestWaitMs);
    const { journal = silentJournal } = this.#options;
    const wait = `${Math.round(this.#waitMs / 1000)} s`;
    journal.error('serving-process-ended', `a serving process ended ${how}; the next begins in ${wait}`, {
      how,
    });
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#fork().catch((err: unknown) =>
        journal.error('serving-process-failed', `a serving process did not begin: ${String(err)}`, { err }),
      );
    }, this.#waitMs);
    this.#timers.add(timer);
  }

  async #answer(worker: Worker, report: Exclude<Report, { type: 'listening' | 'failed' }>): Promise<void> {
    const { journal = silentJournal, publicDirectory, address, logRequests = false, memory } = this.#options;
    switch (report.type) {
      case 'ready':
        send(worker, { type: 'start', publicDirectory, address, logRequests, memory });
        return;
      case 'journal':
        journal[report.level](report.event, report.message, report.facts);
        return;
      case 'request':
        journal.request(report.facts);
        return;
      case 'ask':
        send(worker, await this.#answerTo(report));
    }
  }

  async #answerTo({ id, question }: { readonly id: number; readonly question: Question }): Promise<Order> {
    try {
      return { type: 'answer', id, answer: await this.#options[question]() };
    } catch (error) {
      return { type: 'refusal', id, ...errorFacts(error) };
    }
  }
}

/** To a process that may have ended meanwhile, which its exit tells. */
function send(worker: Worker, order: Order): void {
  worker.send(order, () => undefined);
}
