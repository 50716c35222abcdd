import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { errorCodes } from '../core/error-codes.ts';
import { isEspejoError, systemCode } from '../core/errors.ts';

/** The one line a client is told about a failure: no paths, no stack. */
export type ErrorAnswer = { readonly status: number; readonly line: string };

/** Maps what a handler threw to an answer: the table of src/core/error-codes.ts, 4xx of fastify as they are, else 500. */
export function errorAnswer(error: unknown): ErrorAnswer {
  if (isEspejoError(error)) {
    const { http, meaning } = errorCodes[error.code];
    return { status: http, line: `${error.code}: ${meaning}` };
  }
  const status = clientStatus(error);
  if (status !== undefined) return { status, line: (STATUS_CODES[status] ?? 'bad request').toLowerCase() };
  return { status: errorCodes.E_INTERNAL.http, line: 'E_INTERNAL: internal error' };
}

function clientStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  const { statusCode } = error;
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : undefined;
}

/** Answers what Node.js could not even read as a request, and ends the connection. */
export function answerClientError(error: Error, socket: Socket): void {
  if (systemCode(error) === 'ECONNRESET' || !socket.writable || socket.destroyed) {
    socket.destroy();
    return;
  }
  const status = unreadableStatus(systemCode(error));
  const line = `${(STATUS_CODES[status] ?? '').toLowerCase()}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${line.length}\r\nConnection: close\r\n\r\n${line}`,
    () => socket.destroy(),
  );
}

function unreadableStatus(code: string | undefined): number {
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
}
