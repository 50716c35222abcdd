import { lstat, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { EspejoError, systemCode } from '../core/errors.ts';

/** An address to listen on, as it was understood. */
export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string | undefined; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/**
 * Opens `server` on `address`: `:8080` (all interfaces), `host:port`, `[::1]:8080` or `unix:///path`; port 0 takes a free one.
 * The file of a Unix socket on which nobody listens any more is replaced.
 * @returns the URL of the server as this machine reaches it
 * @throws E_PORT_IN_USE, E_LISTEN
 */
export async function listen(server: FastifyInstance, address: string): Promise<string> {
  const parsed = parseListenAddress(address);
  try {
    if (parsed.kind === 'unix') {
      await removeStaleSocket(parsed.path);
      await server.listen({ path: parsed.path });
      return `unix://${parsed.path}`;
    }
    await listenTcp(server, parsed);
  } catch (cause) {
    throw listenError(cause, address);
  }
  return urlOf(server, parsed);
}

/**
 * Removes the file of a Unix socket on which nobody listens any more.
 * @throws E_LISTEN
 */
export async function prepareAddress(address: string): Promise<void> {
  const parsed = parseListenAddress(address);
  try {
    if (parsed.kind === 'unix') await removeStaleSocket(parsed.path);
  } catch (cause) {
    throw listenError(cause, address);
  }
}

/** @throws E_LISTEN */
function parseListenAddress(address: string): ListenAddress {
  const path = /^unix:\/\/(\/[^\u0000]+)$/.exec(address)?.[1];
  if (path !== undefined) return { kind: 'unix', path };
  const [, literal, name, digits] =
    /^(?:\[([0-9A-Fa-f:.%a-z]+)\]|([^\s:/[\]]*)):(\d{1,5})$/.exec(address) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) {
    throw new EspejoError('E_LISTEN', `"${address}" is not an address to listen on`, {
      hint: 'write it as :8080, 127.0.0.1:8080, [::1]:8080 or unix:///run/espejo.sock',
    });
  }
  const host = literal ?? name ?? '';
  return { kind: 'tcp', host: host === '' || host === '*' ? undefined : host, port };
}

type Tcp = { readonly host: string | undefined; readonly port: number };

/** fastify opens a second, unmanaged server for `localhost`; an address keeps it to the one that is closed with grace. */
async function listenTcp(server: FastifyInstance, { host, port }: Tcp): Promise<void> {
  if (host !== undefined) {
    await server.listen({ port, host: host === 'localhost' ? '127.0.0.1' : host });
    return;
  }
  try {
    await server.listen({ port, host: '::' });
  } catch (error) {
    const code = systemCode(error);
    if (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL' && code !== 'EINVAL') throw error;
    await server.listen({ port, host: '0.0.0.0' });
  }
}

/** After a kill -9 the socket's file stays and would block the next start for ever. */
async function removeStaleSocket(path: string): Promise<void> {
  try {
    if (!(await lstat(path)).isSocket()) return;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw error;
  }
  if (await isDeserted(path)) await rm(path, { force: true });
}

function isDeserted(path: string): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      settle(false);
    });
    socket.once('error', (error) => settle(systemCode(error) === 'ECONNREFUSED'));
  });
}

function listenError(cause: unknown, address: string): EspejoError {
  const system = systemCode(cause);
  const context = { address, system };
  if (system === 'EADDRINUSE') {
    return new EspejoError('E_PORT_IN_USE', `cannot listen on ${address}: the address is in use`, {
      cause,
      context,
      hint: `stop the program that uses ${address}, or choose another address with --listen or server.listen`,
    });
  }
  const hint =
    system === 'EACCES'
      ? 'ports below 1024 need privileges: choose another address with --listen or server.listen'
      : 'choose an address of this machine with --listen or server.listen';
  return new EspejoError('E_LISTEN', `cannot listen on ${address}: ${system ?? 'unknown failure'}`, {
    cause,
    context,
    hint,
  });
}

function urlOf(server: FastifyInstance, { host }: Tcp): string {
  const bound = server.server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const name = host === undefined || host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
