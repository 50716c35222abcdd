import type { Catalog } from '../catalog/contract.ts';
import type { LimitsConfig, MirrorConfig } from '../config/config.ts';
import type { Fetcher } from '../fetch/fetcher.ts';
import type { Keyring } from '../openpgp/contract.ts';
import type { Pool } from '../pool/pool.ts';
import type { TrustPolicy } from './trust.ts';
import type { UpstreamFiles } from './upstream-files.ts';

export type SyncDeps = {
  readonly catalog: Catalog;
  readonly fetcher: Fetcher;
  readonly pool: Pool;
  readonly files: UpstreamFiles;
  readonly limits: LimitsConfig;
  readonly now: () => Date;
};

export type SyncRequest = {
  readonly mirror: MirrorConfig;
  readonly keyring: Keyring;
  readonly policy: TrustPolicy;
  /** Do all the work even when upstream and configuration are unchanged: re-checks every pool file. */
  readonly force: boolean;
};
