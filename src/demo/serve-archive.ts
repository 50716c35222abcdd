import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sha256Hex } from '../core/digest.ts';
import { systemCode } from '../core/errors.ts';
import type { Archive } from './archive.ts';

export type ArchiveServer = {
  /** The archive root, with a slash at its end. */
  readonly url: string;
  close(): Promise<void>;
};

/**
 * Serves an archive on loopback, with validators, so that an unchanged sync is one request a suite.
 * @param preferredPort is taken when it is free, so that a URL stays good from run to run; 0 or a taken one: any free port
 */
export async function serveArchive(archive: Archive, preferredPort = 0): Promise<ArchiveServer> {
  const server = createServer((request, response) => answer(archive, request, response));
  try {
    await listen(server, preferredPort);
  } catch (error) {
    if (systemCode(error) !== 'EADDRINUSE' && systemCode(error) !== 'EACCES') throw error;
    await listen(server, 0);
  }
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/ubuntu/`,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function answer(archive: Archive, request: IncomingMessage, response: ServerResponse): void {
  const path = decodeURIComponent((request.url ?? '').replace(/^\/ubuntu\//, ''));
  const bytes = archive.get(path);
  if (bytes === undefined) {
    response.writeHead(404).end('not found\n');
    return;
  }
  const etag = `"${sha256Hex(bytes)}"`;
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, { etag }).end();
    return;
  }
  response.writeHead(200, { etag, 'content-length': bytes.byteLength });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}
