import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getContainerRuntimeClient, type StartedTestContainer, Wait } from 'testcontainers';
import { HardenedContainer } from './hardened-container.ts';
import { joinNetwork, type TestNetworks } from './networks.ts';
import type { UpstreamArchive } from './upstream-archive.ts';

export type TestMirror = {
  readonly container: StartedTestContainer;
  /** Binary public key of the mirror, on this machine. */
  readonly key: string;
  /** Runs an espejo command inside the container; a failure carries what it printed. */
  espejo(...args: string[]): Promise<string>;
  /** Runs a shell command as the container's user. */
  shell(command: string): Promise<string>;
  remove(): Promise<void>;
};

export type MirrorOptions = {
  readonly image: string;
  readonly networks: TestNetworks;
  readonly archive: UpstreamArchive;
  readonly packages: readonly string[];
};

const configPath = '/etc/espejo/espejo.yaml';

/** Starts the mirror image as docker/compose.yaml does, and waits until its health check says that it has published. */
export async function startMirror({
  image,
  networks,
  archive,
  packages,
}: MirrorOptions): Promise<TestMirror> {
  const scratch = await mkdtemp(join(tmpdir(), 'espejo-mirror-'));
  // The container's user reads it.
  await chmod(scratch, 0o755);
  await writeFile(join(scratch, 'espejo.yaml'), mirrorConfig(archive.suite, packages));
  const printed: string[] = [];
  const container = await new HardenedContainer(image)
    .withNetworkMode(networks.egress)
    .withBindMounts([
      { source: join(scratch, 'espejo.yaml'), target: configPath, mode: 'ro' },
      { source: archive.keyring, target: '/etc/espejo/upstream.gpg', mode: 'ro' },
    ])
    .withExposedPorts(8080)
    .withWaitStrategy(Wait.forHealthCheck())
    .withStartupTimeout(120_000)
    .withLogConsumer((stream) => stream.on('data', (line: Buffer) => printed.push(line.toString())))
    .start()
    .catch((cause: unknown) => {
      throw new Error(`the mirror did not become healthy; it printed:\n${printed.join('\n')}`, { cause });
    });
  await joinNetwork(container, networks.archive, 'mirror');
  const execute = async (command: string[]): Promise<string> => {
    const { exitCode, output } = await container.exec(command);
    if (exitCode !== 0) throw new Error(`${command.join(' ')} exited with ${exitCode}\n${output}`);
    return output;
  };
  const key = join(scratch, 'mirror.pub.gpg');
  await writeFile(key, Buffer.from(await execute(['base64', '/keys/espejo.pub.gpg']), 'base64'));
  return {
    container,
    key,
    espejo: (...args) => execute(['espejo', ...args]),
    shell: (command) => execute(['sh', '-euc', command]),
    remove: async () => {
      const client = await getContainerRuntimeClient();
      await client.container.getById(container.getId()).remove({ force: true, v: true });
      await rm(scratch, { recursive: true, force: true });
    },
  };
}

/** A configuration that mirrors packages of http://upstream/ and publishes them under /ubuntu. */
export function mirrorConfig(suite: string, packages: readonly string[]): string {
  return `root_dir: /var/lib/espejo
keys:
  directory: /keys
mirrors:
  upstream:
    url: http://upstream/
    suites: [${suite}]
    components: [main]
    architectures: [amd64]
    keyring: /etc/espejo/upstream.gpg
    packages: ${JSON.stringify(packages)}
publications:
  ubuntu:
    prefix: ubuntu
    distribution: ${suite}
    mirrors: [upstream]
server:
  listen: ':8080'
schedule:
  on_start: true
`;
}
