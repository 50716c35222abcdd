import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { resolve } from 'node:path';
import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import { invariant } from '../core/errors.ts';
import { type Journal, silentJournal } from '../core/journal.ts';
import { answerClientError, errorAnswer } from './answer-error.ts';
import { CountedResponse } from './counted-response.ts';
import { addHealthRoutes, type Readiness } from './health-routes.ts';
import { HotFiles } from './hot-files.ts';
import { logRequest } from './log-requests.ts';
import { safetyHeaders } from './safety-headers.ts';
import { serveHot } from './serve-hot.ts';
import { plain, serveTree } from './serve-tree.ts';
import type { SiteFacts } from './site-facts.ts';
import { addSiteRoutes } from './site-routes.ts';

export type ServerOptions = {
  /** The published tree: all of it is public, apart from dot entries. */
  readonly publicDirectory: string;
  readonly site: () => Promise<SiteFacts>;
  readonly ready: () => Promise<Readiness>;
  /** Is told the faults; absent: silence. */
  readonly journal?: Journal;
  /** Whether the journal is told each request too; default: no. */
  readonly logRequests?: boolean;
  /** Bytes of files that are kept in memory; default 64 MiB. */
  readonly memory?: number | undefined;
};

/**
 * The server over the published tree, not listening yet: files and listings, the page for people at `/`, the key and the
 * probes. GET and HEAD only. The routes win over files of the same name in the root of the tree.
 */
export async function buildServer(options: ServerOptions): Promise<FastifyInstance> {
  const { journal = silentJournal, logRequests = false } = options;
  const tell = (request: IncomingMessage, response: ServerResponse): void => {
    if (logRequests) logRequest(journal, request, response);
  };
  const server: FastifyInstance = fastify({
    ...againstSlowClients,
    http: { ...againstSlowClients.http, ...(logRequests ? { ServerResponse: CountedResponse } : {}) },
    logger: false,
    bodyLimit: 1024,
    requestIdHeader: false,
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => {
      tell(request.raw, reply.raw);
      failed(error, reply);
    },
  });
  server.addHook('onRequest', async (request, reply) => {
    tell(request.raw, reply.raw);
    reply.headers(safetyHeaders);
    if (request.method === 'GET' || request.method === 'HEAD') return;
    // The body of a refused request is not read: the connection ends with the answer.
    return plain(reply.header('allow', 'GET, HEAD').header('connection', 'close'), 405, 'method not allowed');
  });
  server.setErrorHandler((error, _request, reply) => {
    const answer = failed(error, reply);
    if (reply.statusCode >= 500)
      journal.error('request-failed', `a request failed: ${error}`, { err: error });
    return answer;
  });
  server.setNotFoundHandler((_request, reply) => plain(reply, 404, 'not found'));
  addHealthRoutes(server, options.ready);
  addSiteRoutes(server, options.site);
  const hot = new HotFiles(options.memory ?? defaultMemory);
  server.route({
    method: ['GET', 'HEAD'],
    url: '/*',
    handler: serveTree(resolve(options.publicDirectory), hot),
  });
  answerFirst(server, (next) => serveHot(hot, { next, tell }));
  await server.ready();
  return server;
}

/** Puts a listener before that of fastify, until the server is being closed. */
function answerFirst(server: FastifyInstance, before: (next: RequestListener) => RequestListener): void {
  const http = server.server;
  const [routes] = http.listeners('request') as RequestListener[];
  invariant(routes !== undefined, 'fastify listens to its server');
  const first = before(routes);
  http.removeListener('request', routes).on('request', first);
  server.addHook('preClose', async () => {
    http.removeListener('request', first).on('request', routes);
  });
}

const defaultMemory = 64 * 1024 * 1024;

/** Limits in milliseconds and bytes against clients that hold connections without using them. */
const againstSlowClients = {
  /** A socket on which nothing moves, in either direction. */
  connectionTimeout: 120_000,
  /** From the first to the last byte of a request. */
  requestTimeout: 30_000,
  keepAliveTimeout: 30_000,
  forceCloseConnections: 'idle',
  return503OnClosing: true,
  http: {
    headersTimeout: 15_000,
    connectionsCheckingInterval: 5_000,
    maxHeaderSize: 16_384,
  },
} as const;

function failed(error: unknown, reply: FastifyReply): FastifyReply {
  const { status, line } = errorAnswer(error);
  for (const name of ['etag', 'last-modified', 'content-length', 'content-range']) reply.removeHeader(name);
  return plain(reply.headers(safetyHeaders), status, line);
}
