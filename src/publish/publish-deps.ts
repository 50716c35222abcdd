import type { PackageRecord } from '../catalog/contract.ts';
import { contentsOrWarning } from '../packages/contents.ts';
import type { Job } from '../packages/events.ts';
import type { Ports } from '../packages/ports.ts';
import type { PublishDeps } from './release.ts';

/** The parts of the ports that publishing works with. */
export function publishDepsOf(ports: Ports, job: Job): PublishDeps {
  const { catalog, pool, endpoints, config, now } = ports;
  const readContents = (record: PackageRecord): Promise<readonly string[]> =>
    contentsOrWarning(ports, record, job);
  const unparseable = config.compatibility.unparseablePackages;
  return { catalog, pool, endpoints, config, readContents, unparseable, now };
}
