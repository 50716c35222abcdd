import { randomUUID } from 'node:crypto';
import { getContainerRuntimeClient, type StartedTestContainer } from 'testcontainers';

/** The two networks of every test: clients are on `archive` only, the upstream on `egress` only, the mirror on both. */
export type TestNetworks = {
  /** Internal: no route leads out of it. */
  readonly archive: string;
  readonly egress: string;
  remove(): Promise<void>;
};

export async function makeNetworks(): Promise<TestNetworks> {
  const { container } = await getContainerRuntimeClient();
  const id = randomUUID().slice(0, 8);
  const archive = await container.dockerode.createNetwork({
    Name: `espejo-archive-${id}`,
    Driver: 'bridge',
    Internal: true,
  });
  const egress = await container.dockerode.createNetwork({ Name: `espejo-egress-${id}`, Driver: 'bridge' });
  return {
    archive: `espejo-archive-${id}`,
    egress: `espejo-egress-${id}`,
    remove: async () => {
      await archive.remove();
      await egress.remove();
    },
  };
}

/** Joins a running container to one more network, under a name that its neighbours can use. */
export async function joinNetwork(started: StartedTestContainer, name: string, alias: string): Promise<void> {
  const { container, network } = await getContainerRuntimeClient();
  await container.connectToNetwork(container.getById(started.getId()), network.getById(name), [alias]);
}
