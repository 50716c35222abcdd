import { GenericContainer } from 'testcontainers';

/** What docker/compose.yaml asks for: read-only root file system, no capabilities, no new privileges. */
export class HardenedContainer extends GenericContainer {
  constructor(image: string) {
    super(image);
    this.hostConfig.ReadonlyRootfs = true;
    this.withTmpFs({ '/tmp': 'rw' }).withDroppedCapabilities('ALL').withSecurityOpt('no-new-privileges');
  }
}
