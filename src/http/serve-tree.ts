import type { FastifyReply, FastifyRequest } from 'fastify';
import { cacheControlOf, contentTypeOf, revalidate } from './file-headers.ts';
import { listDirectory } from './list-directory.ts';
import { listingHtml } from './listing-html.ts';
import { type OpenFile, openPublished } from './open-published.ts';
import { planFileAnswer } from './plan-file-answer.ts';
import { parseRequestPath } from './request-path.ts';

export type TreeHandler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

/** The handler of GET and HEAD for everything below `publicDirectory` (an absolute path). */
export function serveTree(publicDirectory: string): TreeHandler {
  return async (request, reply) => {
    const path = parseRequestPath(request.raw.url ?? '');
    if (path.kind === 'malformed') return plain(reply, 400, 'bad request');
    if (path.kind === 'hidden') return plain(reply, 404, 'not found');
    const found = await openPublished(publicDirectory, path.segments);
    switch (found.kind) {
      case 'absent':
        return plain(reply, 404, 'not found');
      case 'directory':
        if (!path.directory) return redirectToDirectory(reply, path.segments);
        reply.type('text/html; charset=utf-8').header('cache-control', revalidate);
        return reply.send(listingHtml(path.segments, await listDirectory(found)));
      case 'file':
        if (!path.directory) return await sendFile(request, reply, { file: found, segments: path.segments });
        await found.handle.close();
        return plain(reply, 404, 'not found');
    }
  };
}

/** A one-line answer as text. */
export function plain(reply: FastifyReply, status: number, line: string): FastifyReply {
  return reply
    .code(status)
    .type('text/plain; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(`${line}\n`);
}

/** Relative to the request (`./name/`): right below any proxy's prefix, and it cannot name another host. */
function redirectToDirectory(reply: FastifyReply, segments: readonly string[]): FastifyReply {
  const location = `./${encodeURIComponent(segments.at(-1) ?? '')}/`;
  return plain(reply.header('location', location), 301, `see ${location}`);
}

async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  { file, segments }: { readonly file: OpenFile; readonly segments: readonly string[] },
): Promise<FastifyReply> {
  const { size, mtimeNs, ino } = file.stats;
  const answer = planFileAnswer(request.headers, { size: Number(size), modifiedNs: mtimeNs, inode: ino });
  reply.code(answer.status).headers(answer.headers);
  if (answer.status === 412 || answer.status === 416) {
    await file.handle.close();
    return plain(
      reply,
      answer.status,
      answer.status === 412 ? 'precondition failed' : 'range not satisfiable',
    );
  }
  reply.header('cache-control', cacheControlOf(segments));
  if (answer.status !== 304) reply.type(contentTypeOf(segments));
  if (request.method === 'HEAD' || answer.body === undefined || answer.body.length === 0) {
    await file.handle.close();
    return reply.send();
  }
  return reply.send(bodyOf(file, answer.body, reply));
}

/** The bytes as a stream that closes the descriptor at its end, or when the client goes away. */
function bodyOf(
  { handle }: OpenFile,
  { start, length }: { readonly start: number; readonly length: number },
  reply: FastifyReply,
): NodeJS.ReadableStream {
  const stream = handle.createReadStream({ start, end: start + length - 1, highWaterMark: 256 * 1024 });
  stream.once('end', () => {
    // A file cut short in place: break the connection, or the client takes the next answer for the rest of this one.
    if (stream.bytesRead < length) reply.raw.destroy();
  });
  return stream;
}
