import type { EspejoConfig } from '../config/config.ts';
import { makeDirectory } from '../core/directories.ts';
import { isEspejoError } from '../core/errors.ts';
import { fileError } from '../core/files.ts';
import type { Journal } from '../core/journal.ts';
import type { Reporter } from '../core/progress.ts';
import { openServing, type Serving } from '../http/serving.ts';
import { readiness, siteFacts } from '../http/site.ts';
import type { CleanupResult } from '../upkeep/cleanup.ts';
import type { App } from './app.ts';
import { type Clock, systemClock } from './clock.ts';
import type { CycleResult } from './cycle.ts';
import { reloadApp } from './reload.ts';
import { runInWorker } from './run-worker.ts';
import { type TimedTask, Timetable } from './timetable.ts';

/** How long requests under way may go on after the order to stop. */
const graceMs = 10_000;

export type ServeOptions = {
  /** `:8080`, `host:port` or `unix:///path`; undefined: the configuration's. */
  readonly listen: string | undefined;
  readonly cwd: string;
  readonly journal: Journal;
  readonly signal: AbortSignal;
  /** Called once the server answers, with its URL. */
  readonly onListening: (url: string) => void;
  /** Registers what reads the configuration again; returns what unregisters it. */
  readonly onReloadOrder: (reload: () => void) => () => void;
  /** Is told the configuration that holds after it was read again. */
  readonly onReload: (config: EspejoConfig) => void;
};

/**
 * Serves the published tree until the signal fires, then finishes what is under way.
 * @throws E_PORT_IN_USE, E_LISTEN, E_PERMISSION
 */
export async function serve(app: App, options: ServeOptions): Promise<void> {
  using live = new LiveApp(app, options);
  const server = await startServer(live, options);
  await live.untilStopped();
  await stop(options.journal, [server.close(graceMs)]);
}

export type DaemonOptions = ServeOptions & {
  readonly lockWaitMs: number;
  readonly report: Reporter;
  readonly onCycle: (result: CycleResult) => Promise<void>;
  readonly onCleanup: (result: CleanupResult) => void;
  readonly onFailure: (error: unknown, subject: string) => void;
  /** Default: the time of the system. */
  readonly clock?: Clock;
};

/**
 * Serves, and syncs and publishes by schedule in a worker thread. A failed round is told and tried again after minutes; the
 * tree that is being served stays as it was.
 */
export async function runDaemon(app: App, options: DaemonOptions): Promise<void> {
  const { journal, clock = systemClock } = options;
  using live = new LiveApp(app, options);
  const server = await startServer(live, options);
  const timetable = new Timetable({
    clock,
    random: Math.random,
    onRetry: (name, waitMs) =>
      journal.info('retry', `${name}: tried again in ${Math.round(waitMs / 1000)} s`, { task: name, waitMs }),
  });
  timetable.set(tasksOf(live, options));
  if (app.config.schedule.onStart) timetable.start(roundName);
  await live.untilStopped((old) => {
    timetable.set(tasksOf(live, options));
    if (live.app.config.schedule.onStart && workOf(old) !== workOf(live.app.config))
      timetable.start(roundName);
  });
  await stop(journal, [server.close(graceMs), timetable.end()]);
}

const roundName = 'sync and publish';

/** All that the daemon does by schedule; a task that is added here is started, retried and reloaded like the others. */
function tasksOf(live: LiveApp, options: DaemonOptions): readonly TimedTask[] {
  const { sync, timezone } = live.app.config.schedule;
  const { enabled, schedule } = live.app.config.cleanup;
  const round = { name: roundName, cron: sync, timezone, run: () => runRound(live.app, options) };
  const cleanup = { name: 'cleanup', cron: schedule, timezone, run: () => runCleanup(live.app, options) };
  return enabled ? [round, cleanup] : [round];
}

/** One sync and publish; whether all of it went well. */
async function runRound(
  { config, env }: App,
  { lockWaitMs, signal, report, onCycle, onFailure }: DaemonOptions,
): Promise<boolean> {
  try {
    const result = await runInWorker({ task: 'round', config, env, lockWaitMs }, { signal, report });
    await onCycle(result);
    return result.failures.length === 0;
  } catch (error) {
    if (!isEspejoError(error, 'E_ABORTED')) onFailure(error, 'the round failed');
    return false;
  }
}

/** One cleanup by policy; a refusal is not tried again before its next time. */
async function runCleanup(
  { config, env }: App,
  { lockWaitMs, signal, report, onCleanup, onFailure }: DaemonOptions,
): Promise<boolean> {
  try {
    const done = await runInWorker({ task: 'cleanup', config, env, lockWaitMs }, { signal, report });
    if (done.outcome === 'done') onCleanup(done.result);
    return true;
  } catch (error) {
    if (!isEspejoError(error, 'E_ABORTED')) onFailure(error, 'the cleanup failed');
    return false;
  }
}

/** What a round works on: when it changes, the next round is due at once. */
function workOf({ mirrors, publications }: EspejoConfig): string {
  return JSON.stringify({ mirrors, publications });
}

/** The app with the configuration that holds now. Orders to read it again are taken from its making until its disposal. */
class LiveApp implements Disposable {
  app: App;
  readonly #options: ServeOptions;
  readonly #unregister: () => void;
  readonly #started = Promise.withResolvers<(old: EspejoConfig) => void>();
  #orders: Promise<void> = Promise.resolve();

  constructor(app: App, options: ServeOptions) {
    this.app = app;
    this.#options = options;
    this.#unregister = options.onReloadOrder(() => {
      this.#orders = this.#orders.then(async () => this.#reload(await this.#started.promise));
    });
  }

  /**
   * Obeys orders to read the configuration again, those given before too, until the signal fires.
   * @param onChange is told the one that held before
   */
  async untilStopped(onChange: (old: EspejoConfig) => void = () => undefined): Promise<void> {
    this.#started.resolve(onChange);
    await fired(this.#options.signal);
    await this.#orders;
  }

  [Symbol.dispose](): void {
    this.#unregister();
  }

  async #reload(onChange: (old: EspejoConfig) => void): Promise<void> {
    const { cwd, journal, listen: address, signal, onReload } = this.#options;
    if (signal.aborted) return;
    const { app: before } = this;
    this.app = await reloadApp(before, { cwd, journal, fixed: address === undefined ? [] : ['listen'] });
    if (this.app === before) return;
    onReload(this.app.config);
    onChange(before.config);
  }
}

async function startServer(
  live: LiveApp,
  { listen: address, journal, onListening }: ServeOptions,
): Promise<Serving> {
  const { publicDirectory, config } = live.app;
  try {
    makeDirectory(publicDirectory);
  } catch (cause) {
    throw fileError(cause, `cannot make ${publicDirectory}`);
  }
  const serving = await openServing({
    publicDirectory,
    address: address ?? config.server.listen,
    processes: config.server.processes,
    site: () => siteFacts(live.app),
    ready: () => readiness(live.app),
    journal,
    logRequests: config.server.logRequests,
  });
  onListening(serving.url);
  return serving;
}

async function stop(journal: Journal, ends: readonly Promise<void>[]): Promise<void> {
  journal.info('stopping', 'stopping: requests under way are finished first');
  await Promise.all(ends);
  journal.info('stopped', 'stopped');
}

function fired(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
