import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { sha256Hex } from '../../src/core/digest.ts';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** A misbehaviour of the upstream. */
export type Fault =
  /** The connection is destroyed before anything is answered. */
  | { readonly kind: 'refuse' }
  /** The connection is destroyed after `after` bytes of the body; with `when`, not before that is resolved. */
  | { readonly kind: 'cut'; readonly after: number; readonly when?: Promise<void> }
  /** Nothing more comes after `after` bytes of the body; without `after` not even headers. */
  | { readonly kind: 'stall'; readonly after?: number }
  /** The right number of bytes, all but the first wrong. */
  | { readonly kind: 'wrong-bytes' }
  /** A Content-Length of `length` over the genuine body; a longer one ends in a cut. */
  | { readonly kind: 'wrong-length'; readonly length: number }
  /** The body as it is, without Content-Length, ended by the end of the connection after `after` bytes. */
  | { readonly kind: 'unannounced'; readonly after?: number }
  /** Zeros without end and without Content-Length. */
  | { readonly kind: 'endless' }
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string }
  | { readonly kind: 'redirect'; readonly to: string; readonly status?: number }
  /** 200 with everything, whatever Range asks. */
  | { readonly kind: 'ignore-range' }
  /** 206 of a range that begins at `start` instead of where it was asked. */
  | { readonly kind: 'wrong-range'; readonly start: number }
  /** 416 to every Range. */
  | { readonly kind: 'refuse-range' }
  /** An answer of `status` whose body and status line repeat the Authorization header. */
  | { readonly kind: 'echo-credentials'; readonly status: number };

export type RecordedRequest = {
  readonly method: string;
  /** Decoded path, without query. */
  readonly path: string;
  /** The request target as it was sent. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly status: number;
  /** Bytes of the body that were handed to the socket. */
  readonly sentBytes: number;
};

export type UpstreamOptions = {
  /** By path with its leading slash. May be changed while the server runs. */
  readonly files?: Map<string, Buffer | Handler>;
  /** Directories, the first that has a file wins; asked after `files`. */
  readonly directories?: readonly string[];
};

/** A scriptable HTTP server on 127.0.0.1. */
export type Upstream = {
  /** `http://127.0.0.1:<port>/` */
  readonly url: string;
  readonly files: Map<string, Buffer | Handler>;
  /** In the order in which they arrived. */
  readonly requests: readonly RecordedRequest[];
  /** How many requests there were, of one path or in all. */
  count(path?: string): number;
  /** Forgets the requests seen so far. */
  forget(): void;
  /** Plans a fault for one path (`*` for all), for the next `times` requests or for good; faults of one path queue up. */
  fault(path: string, fault: Fault, times?: number): void;
  clearFaults(): void;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

type PlannedFault = { readonly fault: Fault; times: number };
type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type Content = {
  readonly size: number;
  readonly etag: string;
  readonly modified: Date;
  read(start: number): AsyncIterable<Buffer>;
};

const defaultModified = new Date('2016-04-21T23:23:46Z');

export async function startUpstream(options: UpstreamOptions = {}): Promise<Upstream> {
  const files = options.files ?? new Map<string, Buffer | Handler>();
  const directories = options.directories ?? [];
  const requests: Mutable<RecordedRequest>[] = [];
  const faults = new Map<string, PlannedFault[]>();

  const server = createServer((request, response) => {
    const target = request.url ?? '/';
    const path = decodePath(target);
    const record = {
      method: request.method ?? '',
      path,
      target,
      headers: request.headers,
      status: 0,
      sentBytes: 0,
    };
    requests.push(record);
    const exchange = { request, response, record, fault: takeFault(faults, path) };
    answer(exchange, files, directories).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  return {
    url: `http://127.0.0.1:${port}/`,
    files,
    requests,
    count: (path) => requests.filter((request) => path === undefined || request.path === path).length,
    forget: () => requests.splice(0),
    fault(path, fault, times = Number.POSITIVE_INFINITY) {
      const queue = faults.get(path) ?? [];
      queue.push({ fault, times });
      faults.set(path, queue);
    },
    clearFaults: () => faults.clear(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly record: Mutable<RecordedRequest>;
  readonly fault: Fault | undefined;
};

async function answer(
  exchange: Exchange,
  files: ReadonlyMap<string, Buffer | Handler>,
  directories: readonly string[],
): Promise<void> {
  const { request, response, record, fault } = exchange;
  response.on('close', () => {
    if (record.status === 0 && response.headersSent) record.status = response.statusCode;
  });
  if (fault !== undefined && answerWithoutFile(exchange, fault)) return;
  const entry = files.get(record.path);
  if (typeof entry === 'function') {
    await entry(request, response);
    record.status = response.statusCode;
    return;
  }
  const content = entry === undefined ? await findFile(record.path, directories) : contentOf(entry);
  if (content === undefined) head(exchange, 404, { 'content-length': '0' }).end();
  else await serve(exchange, content);
}

/** Handles the faults that need no file; false when there is more to do. */
function answerWithoutFile(exchange: Exchange, fault: Fault): boolean {
  const { request, response } = exchange;
  switch (fault.kind) {
    case 'refuse':
      response.destroy();
      return true;
    case 'stall':
      return fault.after === undefined;
    case 'status': {
      const retryAfter = fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter };
      head(exchange, fault.status, { 'content-length': '0', ...retryAfter }).end();
      return true;
    }
    case 'redirect':
      head(exchange, fault.status ?? 302, { location: fault.to, 'content-length': '0' }).end();
      return true;
    case 'echo-credentials': {
      const echo = request.headers.authorization ?? 'none';
      exchange.record.status = fault.status;
      response.writeHead(fault.status, echo, { 'x-echo': echo, 'content-type': 'text/plain' });
      response.end(`your credentials are ${echo}`);
      return true;
    }
    case 'endless':
      void sendZeros(exchange);
      return true;
    default:
      return false;
  }
}

async function serve(exchange: Exchange, content: Content): Promise<void> {
  const { request, record, fault } = exchange;
  const common = {
    etag: content.etag,
    'last-modified': content.modified.toUTCString(),
    'accept-ranges': 'bytes',
  };
  if (isUnmodified(request, content)) {
    head(exchange, 304, common).end();
    return;
  }
  const asked = fault?.kind === 'ignore-range' ? undefined : rangeStart(request);
  if (asked !== undefined && (asked >= content.size || fault?.kind === 'refuse-range')) {
    head(exchange, 416, {
      ...common,
      'content-range': `bytes */${content.size}`,
      'content-length': '0',
    }).end();
    return;
  }
  const start = asked === undefined ? 0 : fault?.kind === 'wrong-range' ? fault.start : asked;
  const length = fault?.kind === 'wrong-length' ? fault.length : content.size - start;
  const range =
    asked === undefined ? {} : { 'content-range': `bytes ${start}-${content.size - 1}/${content.size}` };
  const announced =
    fault?.kind === 'unannounced' ? { connection: 'close' } : { 'content-length': String(length) };
  if (fault?.kind === 'unannounced') exchange.response.useChunkedEncodingByDefault = false;
  const response = head(exchange, asked === undefined ? 200 : 206, { ...common, ...range, ...announced });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  await sendBody(exchange, content, { start, length: Math.min(length, content.size - start) });
  if (record.sentBytes < length && fault?.kind === 'wrong-length') response.destroy();
}

async function sendBody(
  exchange: Exchange,
  content: Content,
  { start, length }: { readonly start: number; readonly length: number },
): Promise<void> {
  const { response, record, fault } = exchange;
  const stop = fault !== undefined && 'after' in fault ? Math.min(fault.after ?? length, length) : length;
  for await (const block of content.read(start)) {
    const piece = block.subarray(0, stop - record.sentBytes);
    if (piece.length > 0) await send(exchange, fault?.kind === 'wrong-bytes' ? spoiled(piece) : piece);
    if (record.sentBytes >= stop || response.destroyed) break;
  }
  if (fault?.kind === 'cut') {
    await fault.when;
    response.destroy();
  } else if (
    fault?.kind !== 'stall' &&
    !(fault?.kind === 'wrong-length' && record.sentBytes < fault.length)
  ) {
    response.end();
  }
}

/** Resolves when the bytes are with the kernel, so that a cut afterwards does not take them back. */
function send({ response, record }: Exchange, piece: Buffer): Promise<void> {
  return new Promise((resolve) => {
    response.once('close', resolve);
    response.write(piece, () => {
      record.sentBytes += piece.length;
      response.off('close', resolve);
      resolve();
    });
  });
}

async function sendZeros(exchange: Exchange): Promise<void> {
  head(exchange, 200, {});
  const zeros = Buffer.alloc(16_384);
  while (!exchange.response.destroyed) await send(exchange, zeros);
}

function head(
  { response, record }: Exchange,
  status: number,
  headers: Readonly<Record<string, string>>,
): ServerResponse {
  record.status = status;
  return response.writeHead(status, headers);
}

function contentOf(bytes: Buffer): Content {
  return {
    size: bytes.length,
    etag: `"${sha256Hex(bytes).slice(0, 16)}"`,
    modified: defaultModified,
    async *read(start) {
      yield bytes.subarray(start);
    },
  };
}

async function findFile(path: string, directories: readonly string[]): Promise<Content | undefined> {
  if (path.split('/').includes('..') || path.includes('\0')) return undefined;
  for (const directory of directories) {
    const file = join(directory, path);
    const facts = await stat(file).catch(() => undefined);
    if (facts?.isFile() !== true) continue;
    return {
      size: facts.size,
      etag: `"${facts.size.toString(16)}-${Math.floor(facts.mtimeMs).toString(16)}"`,
      modified: facts.mtime,
      read: (start) => createReadStream(file, { start }),
    };
  }
  return undefined;
}

function takeFault(faults: ReadonlyMap<string, PlannedFault[]>, path: string): Fault | undefined {
  for (const queue of [faults.get(path), faults.get('*')]) {
    const planned = queue?.[0];
    if (queue === undefined || planned === undefined) continue;
    planned.times -= 1;
    if (planned.times <= 0) queue.shift();
    return planned.fault;
  }
  return undefined;
}

function isUnmodified(request: IncomingMessage, content: Content): boolean {
  const match = request.headers['if-none-match'];
  if (match !== undefined) return match === content.etag;
  const since = Date.parse(request.headers['if-modified-since'] ?? '');
  return since >= Math.floor(content.modified.getTime() / 1000) * 1000;
}

/** The start of `bytes=N-`, the only form that espejo and apt send. */
function rangeStart(request: IncomingMessage): number | undefined {
  const match = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
  return match === null ? undefined : Number(match[1]);
}

function spoiled(piece: Buffer): Buffer {
  return Buffer.from(piece.map((byte, position) => (position === 0 ? byte : byte ^ 0x55)));
}

function decodePath(target: string): string {
  const path = target.split('?', 1)[0] ?? '/';
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
