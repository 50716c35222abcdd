import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { cacheControlOf, contentTypeOf } from './file-headers.ts';
import type { HotFile, HotFiles } from './hot-files.ts';
import { isUnmodified, type ServedFile, validatorsOf } from './plan-file-answer.ts';
import { safetyHeaders } from './safety-headers.ts';

/** Headers that need more thought than memory has. */
const rare = ['range', 'if-range', 'if-match', 'if-unmodified-since'] as const;

/** Answers what is in memory at once and tells of it; everything else goes to `next`. */
export function serveHot(
  hot: HotFiles,
  { next, tell }: { readonly next: RequestListener; readonly tell: RequestListener },
): RequestListener {
  return (request, response) => {
    const file = isPlain(request) ? hot.find(request.url ?? '') : undefined;
    if (file === undefined) {
      next(request, response);
      return;
    }
    tell(request, response);
    sendHot(file, request, response);
  };
}

/** A file in memory as the answer to a GET or HEAD without conditions but those of a cache. */
export function sendHot(file: HotFile, request: IncomingMessage, response: ServerResponse): void {
  if (isUnmodified(request.headers, file.etag, file.modified)) {
    response.writeHead(304, file.headers.unmodified).end();
    return;
  }
  response.writeHead(200, file.headers.whole);
  if (request.method === 'HEAD') response.end();
  else response.end(file.body);
}

/** Whether {@link sendHot} answers it as it must be answered. */
export function isPlain({ method, headers }: IncomingMessage): boolean {
  return (method === 'GET' || method === 'HEAD') && rare.every((name) => headers[name] === undefined);
}

export function hotFile(body: Buffer, file: ServedFile, segments: readonly string[]): HotFile {
  const { etag, modified } = validatorsOf(file);
  const unmodified = [
    ...Object.entries(safetyHeaders).flat(),
    ...['etag', etag, 'last-modified', modified, 'cache-control', cacheControlOf(segments)],
  ];
  const whole = [
    ...unmodified,
    ...[
      'accept-ranges',
      'bytes',
      'content-length',
      String(body.length),
      'content-type',
      contentTypeOf(segments),
    ],
  ];
  return { etag, modified, body, headers: { whole, unmodified } };
}
