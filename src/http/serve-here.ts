import type { FastifyInstance } from 'fastify';
import { buildServer, type ServerOptions } from './build-server.ts';
import { closeGracefully } from './close-gracefully.ts';
import { listen } from './listen.ts';

export type ServingOptions = ServerOptions & {
  /** `:8080`, `host:port` or `unix:///path`. */
  readonly address: string;
  /** Processes that answer; 1: this one; auto: one for each core. */
  readonly processes: number | 'auto';
};

/** A server that listens. */
export type Serving = {
  /** Of the server as this machine reaches it. */
  readonly url: string;
  /** Settles when all is closed; requests under way may take `graceMs` milliseconds. */
  close(graceMs: number): Promise<void>;
};

/** @throws E_PORT_IN_USE, E_LISTEN */
export async function serveHere({
  address,
  ...options
}: Omit<ServingOptions, 'processes'>): Promise<Serving> {
  const server: FastifyInstance = await buildServer(options);
  try {
    const url = await listen(server, address);
    return { url, close: (graceMs) => closeGracefully(server, graceMs) };
  } catch (error) {
    await server.close();
    throw error;
  }
}
