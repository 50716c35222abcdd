import { type App, openApp } from '../app/app.ts';
import { openRoot, openToServe } from '../app/open-root.ts';
import type { EspejoConfig } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import { isProgress } from '../core/progress.ts';
import { type Tally, tallied } from '../core/tally.ts';
import { parseDuration } from '../core/units.ts';
import type { SyncChoice } from '../mirror/sync-mirrors.ts';
import type { Job } from '../packages/events.ts';
import { eventLines } from './aptly/event-lines.ts';
import { aptlyWaiting } from './aptly/waiting.ts';
import { boolFlag, type FlagValues, type Invocation, type SharedRoot, stringFlag } from './command.ts';
import { tallyLines } from './tally-lines.ts';

const defaultLockWait = '60s';

/** The configuration that an invocation names; without any file, commands of aptly make one. */
export async function configOf(invocation: Invocation): Promise<EspejoConfig> {
  const config = await (invocation.shared?.config() ?? readConfig(invocation));
  invocation.logAs?.(config.aptly);
  return config;
}

/**
 * One configuration and one open root for several command lines: read and opened when the first needs them, closed at
 * the end.
 */
export function openShared(invocation: Invocation): SharedRoot & AsyncDisposable {
  let config: Promise<EspejoConfig> | undefined;
  let app: Promise<App> | undefined;
  const shared = {
    config: () => {
      config ??= readConfig(invocation);
      return config;
    },
    app: () => {
      app ??= openBy(openRoot, { ...invocation, shared });
      return app;
    },
    async [Symbol.asyncDispose]() {
      const opened = await app?.catch(() => undefined);
      await opened?.close();
    },
  };
  return shared;
}

async function readConfig({ flags, env, cwd, ofAptly, say }: Invocation): Promise<EspejoConfig> {
  const explicitPath = stringFlag(flags, 'config');
  const config = await loadConfig({
    env,
    cwd,
    missing: ofAptly === true ? 'create' : 'refuse',
    ...(explicitPath ? { explicitPath } : {}),
  });
  // Scripts that drive aptly's commands read both streams, and aptly says nothing about a key that it does not know.
  for (const notice of ofAptly === true ? config.notices : [...config.notices, ...config.unknownKeys])
    say(notice);
  return config;
}

/** Milliseconds that an invocation waits for another process on the same root. */
export function lockWaitMs({ flags }: Invocation): number {
  return parseDuration(stringFlag(flags, 'lock-wait') ?? defaultLockWait) * 1000;
}

/**
 * Opens the root directory for one piece of work and closes it whatever happens; what an aptly has there is taken over
 * the first time.
 */
export async function withApp<Result>(
  invocation: Invocation,
  work: (app: App, job: Job) => Promise<Result>,
): Promise<Result> {
  return await withRoot(invocation, openRoot, work);
}

/** {@link withApp} for work of which the warnings are counted, and their number told at its end. */
export async function withTally<Result>(
  invocation: Invocation,
  work: (app: App, job: Job) => Promise<Result>,
): Promise<Result> {
  return await withApp(invocation, async (app, job) => {
    const { job: watched, tally } = tallied(job);
    const result = await work(app, watched);
    tellTally(invocation, tally());
    return result;
  });
}

/** On standard error, for standard output has aptly's own words; nothing when there were no warnings. */
export function tellTally({ say }: Invocation, tally: Tally): void {
  for (const line of tallyLines(tally)) say(line);
}

/** {@link withApp} for the command that itself takes over what an aptly has. */
export async function withAppAsItIs<Result>(
  invocation: Invocation,
  work: (app: App, job: Job) => Promise<Result>,
): Promise<Result> {
  return await withRoot(invocation, openApp, work);
}

/** {@link withApp} for a server, which serves also what it may not look up. */
export async function withAppToServe<Result>(
  invocation: Invocation,
  work: (app: App, withoutCatalog: boolean) => Promise<Result>,
): Promise<Result> {
  let withoutCatalog = false;
  const open: typeof openRoot = async (options) => {
    const opened = await openToServe(options);
    withoutCatalog = opened.withoutCatalog;
    return opened.app;
  };
  return await withRoot(invocation, open, (app) => work(app, withoutCatalog));
}

async function withRoot<Result>(
  invocation: Invocation,
  open: typeof openRoot,
  work: (app: App, job: Job) => Promise<Result>,
): Promise<Result> {
  const { shared } = invocation;
  if (shared !== undefined && open === openRoot) {
    await configOf(invocation);
    const app = await shared.app();
    return await work(attended(app, invocation), jobOf(invocation, app));
  }
  const app = await openBy(open, invocation);
  try {
    return await work(attended(app, invocation), jobOf(invocation, app));
  } finally {
    await app.close();
  }
}

/** The app with the person at the terminal, whom aptly's commands ask. */
export function attended<Asked extends object>(
  app: Asked,
  { ofAptly, log, signal }: Pick<Invocation, 'ofAptly' | 'log' | 'signal'>,
): Asked & Partial<Pick<App, 'askPassphrase'>> {
  if (ofAptly !== true) return app;
  return {
    ...app,
    askPassphrase: async (key, attempt) => {
      const { askPassphrase } = await import('./ask-passphrase.ts');
      // Told whatever is quiet: a question that nobody sees looks like a program that hangs.
      return await askPassphrase(key, attempt, { say: log, signal });
    },
  };
}

/** Progress goes to standard error; what else happens is told by aptly's commands only, on standard output. */
function jobOf({ signal, report, print, flags, ofAptly }: Invocation, { config }: App): Job {
  return {
    signal,
    report: (event) => {
      if (isProgress(event)) report(event);
      else if (ofAptly === true) for (const line of eventLines(event, flags, config)) print(`${line}\n`);
    },
  };
}

async function openBy(open: typeof openRoot, invocation: Invocation): Promise<App> {
  const { env, report, signal } = invocation;
  const config = await configOf(invocation);
  const waiting = invocation.ofAptly === true ? aptlyWaiting(invocation, config) : {};
  return await open({ config, env, report, signal, lockWaitMs: lockWaitMs(invocation), ...waiting });
}

/** What the flags of sync and plan relax. */
export function relaxedBy(flags: FlagValues): SyncChoice['relaxed'] {
  return {
    verifySignatures: boolFlag(flags, 'ignore-signatures'),
    checkValidUntil: boolFlag(flags, 'ignore-valid-until'),
    checkDate: boolFlag(flags, 'allow-older-release'),
  };
}
