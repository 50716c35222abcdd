import { mkdir } from 'node:fs/promises';
import { Cron } from 'croner';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { invariant, isEspejoError } from '../core/errors.ts';
import { fileError } from '../core/files.ts';
import type { Reporter } from '../core/progress.ts';
import { buildServer } from '../http/build-server.ts';
import { closeGracefully } from '../http/close-gracefully.ts';
import { listen } from '../http/listen.ts';
import type { App } from './app.ts';
import type { CycleResult } from './cycle.ts';
import { runCycleInWorker } from './run-worker.ts';
import { readiness, siteFacts } from './site.ts';

/** How long requests under way may go on after the order to stop. */
const graceMs = 10_000;

export type ServeOptions = {
  /** `:8080`, `host:port` or `unix:///path`; undefined: the configuration's. */
  readonly listen: string | undefined;
  readonly logger: Logger | false;
  readonly signal: AbortSignal;
  /** Called once the server answers, with its URL. */
  readonly onListening: (url: string) => void;
};

/**
 * Serves the published tree until the signal fires, then finishes what is under way.
 * @throws E_PORT_IN_USE, E_LISTEN, E_PERMISSION
 */
export async function serve(app: App, options: ServeOptions): Promise<void> {
  const server = await startServer(app, options);
  await fired(options.signal);
  await closeGracefully(server, graceMs);
}

export type DaemonOptions = ServeOptions & {
  readonly cwd: string;
  readonly lockWaitMs: number;
  readonly report: Reporter;
  readonly onCycle: (result: CycleResult) => Promise<void>;
  readonly onFailure: (error: unknown) => void;
};

/**
 * Serves, and syncs and publishes by schedule in a worker thread. A failed round is told and the next one comes; the
 * tree that is being served stays as it was.
 */
export async function runDaemon(app: App, options: DaemonOptions): Promise<void> {
  const { signal } = options;
  const { schedule } = app.config;
  const server = await startServer(app, options);
  const rounds = new Rounds(app, options);
  const cron =
    schedule.sync === undefined
      ? undefined
      : new Cron(schedule.sync, schedule.timezone === undefined ? {} : { timezone: schedule.timezone }, () =>
          rounds.start(),
        );
  if (schedule.onStart) rounds.start();
  await fired(signal);
  cron?.stop();
  await Promise.all([closeGracefully(server, graceMs), rounds.end()]);
}

/** One round at a time: a tick that comes while one is under way is skipped. */
class Rounds {
  readonly #app: App;
  readonly #options: DaemonOptions;
  #current: Promise<void> | undefined;

  constructor(app: App, options: DaemonOptions) {
    this.#app = app;
    this.#options = options;
  }

  start(): void {
    if (this.#current !== undefined || this.#options.signal.aborted) return;
    this.#current = this.#run().finally(() => {
      this.#current = undefined;
    });
  }

  async end(): Promise<void> {
    await this.#current;
  }

  async #run(): Promise<void> {
    const { cwd, lockWaitMs, signal, report, onCycle, onFailure } = this.#options;
    const configPath = this.#app.config.path;
    invariant(configPath !== undefined, 'a daemon runs from a configuration file');
    try {
      await onCycle(
        await runCycleInWorker({ configPath, env: this.#app.env, cwd, lockWaitMs }, { signal, report }),
      );
    } catch (error) {
      if (!isEspejoError(error, 'E_ABORTED')) onFailure(error);
    }
  }
}

async function startServer(
  app: App,
  { listen: address, logger, onListening }: ServeOptions,
): Promise<FastifyInstance> {
  try {
    await mkdir(app.publicDirectory, { recursive: true });
  } catch (cause) {
    throw fileError(cause, `cannot make ${app.publicDirectory}`);
  }
  const server = await buildServer({
    publicDirectory: app.publicDirectory,
    site: () => siteFacts(app),
    ready: () => readiness(app),
    logger,
  });
  try {
    onListening(await listen(server, address ?? app.config.server.listen));
  } catch (error) {
    await server.close();
    throw error;
  }
  return server;
}

function fired(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
