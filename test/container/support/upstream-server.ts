import { join } from 'node:path';
import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers';
import { baseImages } from './images.ts';
import type { TestNetworks } from './networks.ts';
import type { UpstreamArchive } from './upstream-archive.ts';

/** Serves an archive as http://upstream/ on the egress network. Later changes of it show at once. */
export async function serveUpstream(
  archive: UpstreamArchive,
  networks: TestNetworks,
): Promise<StartedTestContainer> {
  return new GenericContainer(baseImages.node)
    .withNetworkMode(networks.egress)
    .withNetworkAliases('upstream')
    .withBindMounts([{ source: archive.directory, target: '/archive', mode: 'ro' }])
    .withCopyFilesToContainer([
      { source: join(import.meta.dirname, 'static-server.ts'), target: '/opt/static-server.ts' },
    ])
    .withCommand(['node', '/opt/static-server.ts'])
    .withWaitStrategy(Wait.forLogMessage('the upstream listens'))
    .start();
}
