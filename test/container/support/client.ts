import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers';
import type { TestNetworks } from './networks.ts';
import { runProgram } from './run-program.ts';

export type ClientOptions = {
  readonly image: string;
  readonly networks: TestNetworks;
  readonly suite: string;
  readonly packages: readonly string[];
};

/** Runs a client to its end: what it printed and its exit status. */
export async function runClient(
  options: ClientOptions,
): Promise<{ readonly status: number; readonly output: string }> {
  const started = await startClient(options, { KEEP: '0' });
  const id = started.getId();
  try {
    const status = Number(await runProgram('docker', ['wait', id]));
    return { status, output: await runProgram('sh', ['-c', 'docker logs "$0" 2>&1', id]) };
  } finally {
    await runProgram('docker', ['rm', '--force', '--volumes', id]);
  }
}

/** Starts a client that stays alive after it installed its packages. */
export async function keepClient(options: ClientOptions): Promise<StartedTestContainer> {
  return startClient(options, { KEEP: '1' });
}

async function startClient(
  { image, networks, suite, packages }: ClientOptions,
  environment: Readonly<Record<string, string>>,
): Promise<StartedTestContainer> {
  return new GenericContainer(image)
    .withNetworkMode(networks.archive)
    .withEnvironment({
      MIRROR_URL: 'http://mirror:8080/ubuntu',
      DISTRIBUTION: suite,
      COMPONENTS: 'main',
      PACKAGES: packages.join(' '),
      WAIT_SECONDS: '20',
      ...environment,
    })
    .withWaitStrategy(
      Wait.forLogMessage(/espejo-client: (done|apt does not|apt-get install failed|no usable)/),
    )
    .withStartupTimeout(90_000)
    .start();
}
