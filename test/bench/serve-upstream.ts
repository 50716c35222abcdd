import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';

/**
 * A process of its own, so that the cost of serving is nobody's: serves the directory of its only argument on a free
 * port of loopback, tells its parent the URL, and ends when the parent lets go of it.
 */
const [root = '.'] = process.argv.slice(2);

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.writeHead(404).end());
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.send?.(`http://127.0.0.1:${port}/`);
});
process.on('disconnect', () => process.exit());

/** A strong validator of size and time, as static servers give. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = join(root, normalize(`/${decodeURIComponent(request.url ?? '')}`));
  const facts = await stat(path);
  if (!facts.isFile()) throw new Error('not a file');
  const etag = `"${facts.size.toString(16)}-${facts.mtimeMs.toString(16)}"`;
  const headers = { etag, 'last-modified': facts.mtime.toUTCString() };
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, headers).end();
    return;
  }
  response.writeHead(200, { ...headers, 'content-length': facts.size });
  if (request.method === 'HEAD') response.end();
  else createReadStream(path, { highWaterMark: 256 * 1024 }).pipe(response);
}
