// Runs inside the upstream container: serves /archive on port 80, with validators and 304.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { normalize } from 'node:path/posix';

const root = '/archive';

createServer((request, response) => {
  const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://upstream').pathname));
  stat(root + path)
    .then((facts) => {
      if (!facts.isFile()) throw new Error('not a file');
      const modified = facts.mtime.toUTCString();
      response.setHeader('last-modified', modified);
      response.setHeader('etag', `"${facts.mtimeMs}-${facts.size}"`);
      if (request.headers['if-none-match'] === `"${facts.mtimeMs}-${facts.size}"`) {
        response.writeHead(304).end();
        return;
      }
      response.writeHead(200, { 'content-length': facts.size });
      createReadStream(root + path).pipe(response);
    })
    .catch(() => response.writeHead(404).end());
}).listen(80, () => process.stdout.write('the upstream listens\n'));

process.on('SIGTERM', () => process.exit(0));
