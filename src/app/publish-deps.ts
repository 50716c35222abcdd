import type { PackageRecord } from '../catalog/contract.ts';
import type { Job } from '../core/progress.ts';
import type { PublishDeps } from '../publish/release.ts';
import type { App } from './app.ts';
import { contentsOrWarning } from './library/contents.ts';
import { siteOf } from './library/publish-storages.ts';

/** The parts of the app that publishing works with. */
export function publishDepsOf(app: App, job: Job): PublishDeps {
  const { catalog, pool, publicDirectory, now } = app;
  const readContents = (record: PackageRecord): Promise<readonly string[]> =>
    contentsOrWarning(app, record, job);
  const unparseable = app.config.compatibility.unparseablePackages;
  return { catalog, pool, publicDirectory, readContents, unparseable, now, siteOf: siteOf(app) };
}
