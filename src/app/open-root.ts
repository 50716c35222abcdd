import { type App, type AppOptions, openApp } from './app.ts';
import { adoptOnFirstUse } from './library/adopt-on-first-use.ts';

/**
 * Opens a root directory; what an aptly has in it is taken over the first time.
 * @throws what {@link openApp} and {@link adoptOnFirstUse} throw
 */
export async function openRoot({
  signal,
  ...options
}: AppOptions & { readonly signal: AbortSignal }): Promise<App> {
  const app = await openApp(options);
  try {
    await adoptOnFirstUse(app, { signal, report: options.report });
    return app;
  } catch (error) {
    await app.close();
    throw error;
  }
}
