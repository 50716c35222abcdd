import { availableParallelism } from 'node:os';
import { type Serving, type ServingOptions, serveHere } from './serve-here.ts';

export type { Serving, ServingOptions } from './serve-here.ts';

/**
 * Serves in this process, or in as many others as are wanted.
 * @throws E_PORT_IN_USE, E_LISTEN
 */
export async function openServing(options: ServingOptions): Promise<Serving> {
  const count = options.processes === 'auto' ? availableParallelism() : options.processes;
  if (count === 1) return await serveHere(options);
  const { ServingProcesses } = await import('./serving-processes.ts');
  return await ServingProcesses.start(options, count);
}
