import type { EspejoConfig, MirrorConfig } from '../config/config.ts';
import type { MirrorPorts } from './ports.ts';
import type { TrustPolicy } from './trust.ts';

export type SyncPorts = Pick<
  MirrorPorts,
  'catalog' | 'fetcher' | 'pool' | 'files' | 'now' | 'exclusively'
> & { readonly config: Pick<EspejoConfig, 'limits'> };

export type SyncRequest = {
  readonly mirror: MirrorConfig;
  readonly policy: TrustPolicy;
  /** Do all the work even when upstream and configuration are unchanged: re-checks every pool file. */
  readonly force: boolean;
  /** Names partial files that no other process touches; the same in every run. */
  readonly owner: string;
};
