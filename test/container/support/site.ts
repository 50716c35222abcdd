import type { StartedTestContainer } from 'testcontainers';
import { buildMirrorImage } from './images.ts';
import { startMirror, type TestMirror } from './mirror.ts';
import { makeNetworks, type TestNetworks } from './networks.ts';
import { makeUpstreamArchive, type UpstreamArchive } from './upstream-archive.ts';
import { serveUpstream } from './upstream-server.ts';

/** An upstream archive, a mirror of it that is healthy, and the networks between. */
export type TestSite = {
  readonly archive: UpstreamArchive;
  readonly networks: TestNetworks;
  readonly upstream: StartedTestContainer;
  readonly mirror: TestMirror;
  /** Runs when the site is taken down, last registered first. */
  defer(task: () => Promise<unknown>): void;
  remove(): Promise<void>;
};

export type SiteOptions = {
  readonly suite: string;
  readonly packages: readonly string[];
  /** Fills the archive before its first release. */
  readonly fill: (archive: UpstreamArchive) => Promise<void>;
};

export async function makeSite({ suite, packages, fill }: SiteOptions): Promise<TestSite> {
  const tasks: (() => Promise<unknown>)[] = [];
  const remove = async () => {
    for (const task of tasks.reverse()) await task();
  };
  try {
    const image = await buildMirrorImage();
    const archive = await makeUpstreamArchive(suite);
    tasks.push(archive.remove);
    await fill(archive);
    await archive.release();
    const networks = await makeNetworks();
    tasks.push(networks.remove);
    const upstream = await serveUpstream(archive, networks);
    tasks.push(() => upstream.stop());
    const mirror = await startMirror({ image, networks, archive, packages });
    tasks.push(mirror.remove);
    return { archive, networks, upstream, mirror, defer: (task) => tasks.push(task), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
