import { type App, openApp } from '../../src/app/app.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import type { Job } from '../../src/packages/events.ts';

/** A job that nobody stops and nobody watches. */
export function silentJob(): Job {
  return { signal: new AbortController().signal, report: () => undefined };
}

/** The app of a configuration that is written as a value. */
export async function openTestApp(path: string, config: unknown): Promise<App> {
  const env = {};
  return await openApp({
    config: parseConfig(JSON.stringify(config), { path, env }),
    env,
    lockWaitMs: 1000,
    report: () => undefined,
  });
}
