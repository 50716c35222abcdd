import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** The YAML library, loaded when a file is YAML: to load it takes as long as most commands take in all. */
export function yaml(): typeof import('yaml') {
  // Loaded at once, since the readers of configurations are no promises; Node keeps it.
  return require('yaml') as typeof import('yaml');
}
