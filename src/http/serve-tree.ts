import { join } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { cacheControlOf, contentTypeOf, revalidate } from './file-headers.ts';
import type { HotFiles } from './hot-files.ts';
import { listDirectory } from './list-directory.ts';
import { listingHtml } from './listing-html.ts';
import { type OpenFile, openPublished } from './open-published.ts';
import { type FileAnswer, planFileAnswer } from './plan-file-answer.ts';
import { parseRequestPath } from './request-path.ts';
import { safetyHeaders } from './safety-headers.ts';
import { sendBody } from './send-body.ts';
import { hotFile, isPlain, sendHot } from './serve-hot.ts';

export type TreeHandler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

/**
 * The handler of GET and HEAD for everything below `publicDirectory` (an absolute path). What is worth keeping in memory
 * goes to `hot`.
 */
export function serveTree(publicDirectory: string, hot: HotFiles): TreeHandler {
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
        if (!path.directory) {
          const { segments } = path;
          const opened = { file: found, path: join(publicDirectory, ...segments), segments };
          return await sendFile(request, reply, { hot, opened });
        }
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

type Opened = { readonly file: OpenFile; readonly path: string; readonly segments: readonly string[] };

async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  { hot, opened: { file, path, segments } }: { readonly hot: HotFiles; readonly opened: Opened },
): Promise<FastifyReply> {
  const { size, mtimeNs, ino } = file.stats;
  const served = { size: Number(size), modifiedNs: mtimeNs, inode: ino };
  try {
    const answer = planFileAnswer(request.headers, served);
    if (answer.status === 412) return plain(reply.headers(answer.headers), 412, 'precondition failed');
    if (answer.status === 416) return plain(reply.headers(answer.headers), 416, 'range not satisfiable');
    const whole = isPlain(request.raw)
      ? await hot.read(request.raw.url ?? '', { path, handle: file.handle, size: served.size }, (body) =>
          hotFile(body, served, segments),
        )
      : undefined;
    reply.hijack();
    if (whole !== undefined) sendHot(whole, request.raw, reply.raw);
    else await sendOpen(request, reply, { answer, file, segments });
    return reply;
  } finally {
    await file.handle.close();
  }
}

async function sendOpen(
  { method }: FastifyRequest,
  { raw }: FastifyReply,
  { answer, file, segments }: Omit<Opened, 'path'> & { readonly answer: FileAnswer },
): Promise<void> {
  const { status, headers, body } = answer;
  raw.writeHead(status, {
    ...safetyHeaders,
    ...headers,
    'cache-control': cacheControlOf(segments),
    ...(status === 304 ? {} : { 'content-type': contentTypeOf(segments) }),
  });
  if (method === 'HEAD' || body === undefined || body.length === 0) raw.end();
  else await sendBody(file.handle, body, raw).catch(() => raw.destroy());
}
