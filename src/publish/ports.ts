import type { signerForPublish } from '../keys/signing.ts';
import type { Ports } from '../packages/ports.ts';

/** What the use-cases of publications work with. */
export type PublishPorts = Ports & {
  /** Makes a signer of what says how to sign. */
  readonly signerFor: typeof signerForPublish;
};
