import type { Catalog } from '../catalog/contract.ts';
import type { MirrorLocks } from '../catalog/mirror-locks.ts';
import type { EspejoConfig } from '../config/config.ts';
import type { Endpoints } from '../endpoint/contract.ts';
import type { AskPassphrase } from '../openpgp/keyring-signer.ts';
import type { Pool } from '../pool/pool.ts';

/** The request of a use-case that has nothing to be chosen. */
export type NoRequest = Readonly<Record<string, never>>;

/** What the use-cases of all rooms work with; `app` alone chooses what stands behind it. */
export type Ports = {
  readonly config: EspejoConfig;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly catalog: Catalog;
  readonly pool: Pool;
  readonly endpoints: Endpoints;
  /** Asks a person for the passphrase of a key that is used in process; absent where nobody is there. */
  readonly askPassphrase?: AskPassphrase;
  readonly now: () => Date;
  /** Held while mirrors are updated: longer than {@link Ports.exclusively}, which is for commits. */
  readonly locks: MirrorLocks;
  /** Runs `work` while no other process changes the root directory. Nothing is downloaded in it. */
  exclusively<Result>(purpose: string, signal: AbortSignal, work: () => Promise<Result>): Promise<Result>;
};
