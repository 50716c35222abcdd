import type { IncomingMessage, ServerResponse } from 'node:http';
import { finished } from 'node:stream';

import type { Journal } from '../core/journal.ts';
import { printable } from '../core/redact.ts';
import { CountedResponse } from './counted-response.ts';

/**
 * Tells of a request when its answer has ended or its client has gone: method, path, status, bytes of the body that were
 * sent, ms. Call it when the request begins.
 */
export function logRequest(journal: Journal, request: IncomingMessage, response: ServerResponse): void {
  const startedAt = performance.now();
  finished(response, () => {
    journal.request({
      method: request.method,
      path: loggedPath(request),
      status: response.statusCode,
      bytes: response instanceof CountedResponse ? response.sentBytes : 0,
      ms: Math.round(performance.now() - startedAt),
      ...(response.writableFinished ? {} : { aborted: true }),
    });
  });
}

/** Without the query, whose values may be secrets. */
function loggedPath(request: IncomingMessage): string {
  return printable((request.url ?? '').split('?', 1)[0] ?? '');
}
