import { finished } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { printable } from '../core/redact.ts';

/** Logs a request when its answer has ended or its client has gone: method, path, status, bytes, ms. */
export type RequestLog = (request: FastifyRequest, reply: FastifyReply) => void;

export const silentRequestLog: RequestLog = () => undefined;

/** Call it when the request begins. */
export function requestLog(logger: Logger): RequestLog {
  return (request, reply) => {
    const startedAt = performance.now();
    finished(reply.raw, () => {
      logger.info(
        {
          method: request.method,
          path: loggedPath(request),
          status: reply.raw.statusCode,
          bytes: sentBytes(reply),
          ms: Math.round(performance.now() - startedAt),
          ...(reply.raw.writableFinished ? {} : { aborted: true }),
        },
        'request',
      );
    });
  };
}

const bodies = new WeakMap<object, { readonly bytesRead: number }>();

/** Lets the log count the bytes that were really read for an answer that streams. */
export function countBody(reply: FastifyReply, stream: { readonly bytesRead: number }): void {
  bodies.set(reply.raw, stream);
}

function sentBytes(reply: FastifyReply): number {
  const streamed = bodies.get(reply.raw);
  if (streamed !== undefined) return streamed.bytesRead;
  return reply.request.method === 'HEAD' ? 0 : Number(reply.raw.getHeader('content-length') ?? 0);
}

/** Without the query, whose values may be secrets. */
function loggedPath(request: FastifyRequest): string {
  return printable((request.raw.url ?? '').split('?', 1)[0] ?? '');
}
