import type { EspejoConfig } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import { EspejoError, isEspejoError } from '../core/errors.ts';
import type { Journal } from '../core/journal.ts';
import type { App } from './app.ts';

type Reload = {
  readonly cwd: string;
  readonly journal: Journal;
  /** Names of keys whose values the command line overrides. */
  readonly fixed: readonly string[];
};

/**
 * Reads the configuration of a running server again.
 * @returns the app with the new one; the old app when the new one is wrong or asks for another root, which is told
 */
export async function reloadApp(app: App, { cwd, journal, fixed }: Reload): Promise<App> {
  const old = app.config;
  try {
    const config = await readAgain(app, cwd);
    for (const notice of config.notices) if (notice !== '') journal.info('reload', notice);
    if (config.server.listen !== old.server.listen && !fixed.includes('listen')) {
      const { listen } = old.server;
      journal.warn('reload', `server.listen changes at a restart only: it stays ${listen}`, { listen });
    }
    journal.info('reload', `${config.path}: read again`, {
      mirrors: config.mirrors.length,
      publications: config.publications.length,
    });
    return { ...app, config: { ...config, server: { ...config.server, listen: old.server.listen } } };
  } catch (error) {
    if (!isEspejoError(error)) throw error;
    const { code, hint, details } = error;
    const reasons = [error.message, ...details].join('; ');
    journal.error('reload', `the old configuration stays: ${reasons} [${code}]`, { code, hint });
    return app;
  }
}

async function readAgain({ config: old, env }: App, cwd: string): Promise<EspejoConfig> {
  if (old.path === undefined) {
    throw new EspejoError('E_CONFIG_NOT_FOUND', 'there is no configuration file to read again');
  }
  const config = await loadConfig({ explicitPath: old.path, env, cwd });
  const moved = places.filter(({ of }) => of(config) !== of(old)).map(({ key }) => key);
  if (moved.length === 0) return config;
  throw new EspejoError('E_CONFIG_INVALID', `${moved.join(', ')} changed, which a running server cannot do`, {
    hint: 'restart it',
  });
}

/** What was opened at the start and stays open. */
const places: readonly { readonly key: string; readonly of: (config: EspejoConfig) => string | undefined }[] =
  [
    { key: 'root_dir', of: ({ rootDir }) => rootDir },
    { key: 'packagepool_storage.path', of: ({ aptly }) => aptly.packagePoolStorage.path },
  ];
