import type { Catalog, MirrorState, SyncCommit } from '../catalog/contract.ts';
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
  /** Names partial files that no other process touches; the same in every run. */
  readonly owner: string;
  /**
   * Commits while no other process changes the root directory.
   * @param check must have passed meanwhile: what it throws is thrown, and nothing is committed
   */
  readonly commit: (commit: SyncCommit, check: () => Promise<void>) => Promise<MirrorState>;
};

export type SyncRequest = {
  readonly mirror: MirrorConfig;
  readonly keyring: Keyring;
  readonly policy: TrustPolicy;
  /** Do all the work even when upstream and configuration are unchanged: re-checks every pool file. */
  readonly force: boolean;
};
