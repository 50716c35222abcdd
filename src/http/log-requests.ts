import { finished } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Journal } from '../core/journal.ts';
import { printable } from '../core/redact.ts';
import { CountedResponse } from './counted-response.ts';

/**
 * Tells of a request when its answer has ended or its client has gone: method, path, status, bytes of the body that were
 * sent, ms. Call it when the request begins.
 */
export function logRequest(journal: Journal, request: FastifyRequest, reply: FastifyReply): void {
  const startedAt = performance.now();
  finished(reply.raw, () => {
    journal.request({
      method: request.method,
      path: loggedPath(request),
      status: reply.raw.statusCode,
      bytes: reply.raw instanceof CountedResponse ? reply.raw.sentBytes : 0,
      ms: Math.round(performance.now() - startedAt),
      ...(reply.raw.writableFinished ? {} : { aborted: true }),
    });
  });
}

/** Without the query, whose values may be secrets. */
function loggedPath(request: FastifyRequest): string {
  return printable((request.raw.url ?? '').split('?', 1)[0] ?? '');
}
