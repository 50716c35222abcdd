import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { App } from '../../src/app/app.ts';
import type { Event } from '../../src/packages/events.ts';
import type { PublishResult } from '../../src/publish/publish.ts';
import { publishAll } from '../../src/publish/publish-configured.ts';
import { type CleanupResult, cleanUp } from '../../src/upkeep/cleanup.ts';
import { testDirectory } from './fetching.ts';
import { openTestApp, silentJob } from './open-test-app.ts';
import { type Stock, stockUp } from './publishing.ts';

/** A root with a configured mirror and its unsigned publication `ubuntu/xenial`, and a clock that only the test moves. */
export type ManagedSite = {
  readonly app: App;
  advance(seconds: number): void;
  /** Makes the mirror hold exactly these packages, as a sync would. */
  stock(stock: Stock): Promise<void>;
  publish(): Promise<PublishResult>;
  clean(options?: {
    readonly dryRun?: boolean;
    readonly maxRemovedShare?: number;
  }): Promise<{ readonly result: CleanupResult; readonly events: readonly Event[] }>;
  /** The names of pool files, sorted. */
  pooled(): Promise<readonly string[]>;
  /** The app of the same root without the publication in its configuration. */
  forgetPublication(): Promise<App>;
};

/** @param changes keys of the publication */
export async function makeManagedSite(t: TestContext, changes: object = {}): Promise<ManagedSite> {
  const rootDir = await testDirectory(t);
  const clock = { now: new Date('2024-06-01T12:00:00Z') };
  const open = async (publications: object): Promise<App> => {
    const mirror = {
      url: 'http://127.0.0.1/',
      suites: ['xenial'],
      components: ['main'],
      packages: ['hello'],
    };
    const mirrors = { upstream: { ...mirror, verify_signatures: false } };
    const app = await openTestApp(join(rootDir, 'espejo.json'), { rootDir, mirrors, publications });
    t.after(() => app.close());
    return { ...app, now: () => clock.now };
  };
  const publication = { prefix: 'ubuntu', distribution: 'xenial', mirrors: ['upstream'], sign: false };
  const app = await open({ mirror: { ...publication, ...changes } });
  return {
    app,
    advance: (seconds) => {
      clock.now = new Date(clock.now.getTime() + seconds * 1000);
    },
    stock: (stock) => stockUp(app, { xenial: stock }),
    publish: async () => {
      const [result] = await publishAll(app, { publications: [], force: false }, silentJob());
      if (result === undefined) throw new Error('nothing was published');
      return result;
    },
    clean: async ({ dryRun = false, ...guard } = {}) => {
      const events: Event[] = [];
      const job = { ...silentJob(), report: (event: Event) => events.push(event) };
      return { result: await cleanUp(app, { dryRun, ...guard }, job), events };
    },
    pooled: async () => {
      const names: string[] = [];
      for await (const path of app.pool.list()) names.push(path.replace(/^.*\/[0-9a-f]{28}_/, ''));
      return names.sort();
    },
    forgetPublication: () => open({}),
  };
}
