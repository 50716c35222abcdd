import type { EspejoConfig } from '../config/config.ts';

/** Where keys are looked for. */
export type KeyPorts = {
  readonly config: EspejoConfig;
  readonly env: Readonly<Record<string, string | undefined>>;
};
