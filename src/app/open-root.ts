import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { aptlyDatabaseOf } from '../adopt/aptly-database-place.ts';
import { about, isEspejoError } from '../core/errors.ts';
import { fileError } from '../core/files.ts';
import { type App, type AppOptions, openApp } from './app.ts';

/**
 * Opens a root directory; what an aptly has in it is taken over the first time.
 * @throws what {@link openApp} and `adoptOnFirstUse` throw
 */
export async function openRoot({
  signal,
  ...options
}: AppOptions & { readonly signal: AbortSignal }): Promise<App> {
  const app = await openApp(options);
  try {
    if (isThere(join(aptlyDirectoryOf(app), 'CURRENT'))) {
      // Most roots have none, and to load what reads it takes as long as a small command.
      const { adoptOnFirstUse } = await import('../adopt/adopt-on-first-use.ts');
      await adoptOnFirstUse(app, { signal, report: options.report });
    }
    return app;
  } catch (error) {
    await app.close();
    throw error;
  }
}

/**
 * Opens a root directory to serve what is published in it, also one whose catalog is not for this user.
 * @returns `withoutCatalog`: nothing is known of the publications then
 */
export async function openToServe(
  options: AppOptions & { readonly signal: AbortSignal },
): Promise<{ readonly app: App; readonly withoutCatalog: boolean }> {
  try {
    return { app: await openRoot(options), withoutCatalog: false };
  } catch (error) {
    if (!isEspejoError(error, 'E_PERMISSION')) throw error;
    const message = `${error.message}: what is published is served, but nothing is known of it`;
    options.report({ type: 'warning', message });
    return { app: await openApp({ ...options, withoutCatalog: true }), withoutCatalog: true };
  }
}

function aptlyDirectoryOf({ config }: App): string {
  try {
    return aptlyDatabaseOf(config).directory;
  } catch (error) {
    throw about('unable to open the database', error);
  }
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (cause) {
    throw fileError(cause, `cannot read ${path}`);
  }
}
