import { resolve } from 'node:path';
import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import { type Journal, silentJournal } from '../core/journal.ts';
import { answerClientError, errorAnswer } from './answer-error.ts';
import { CountedResponse } from './counted-response.ts';
import { addHealthRoutes, type Readiness } from './health-routes.ts';
import { logRequest } from './log-requests.ts';
import { plain, serveTree } from './serve-tree.ts';
import type { SiteFacts } from './site-facts.ts';
import { addSiteRoutes } from './site-routes.ts';

export type ServerOptions = {
  /** The published tree: all of it is public, apart from dot entries. */
  readonly publicDirectory: string;
  readonly site: () => Promise<SiteFacts>;
  readonly ready: () => Promise<Readiness>;
  /** Is told each request and the faults; absent: silence. */
  readonly journal?: Journal;
};

/**
 * The server over the published tree, not listening yet: files and listings, the page for people at `/`, the key and the
 * probes. GET and HEAD only. The routes win over files of the same name in the root of the tree.
 */
export async function buildServer(options: ServerOptions): Promise<FastifyInstance> {
  const journal = options.journal ?? silentJournal;
  const server: FastifyInstance = fastify({
    ...againstSlowClients,
    logger: false,
    bodyLimit: 1024,
    requestIdHeader: false,
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => {
      logRequest(journal, request, reply);
      failed(error, reply);
    },
  });
  server.addHook('onRequest', async (request, reply) => {
    logRequest(journal, request, reply);
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
  server.route({
    method: ['GET', 'HEAD'],
    url: '/*',
    handler: serveTree(resolve(options.publicDirectory)),
  });
  await server.ready();
  return server;
}

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
    ServerResponse: CountedResponse,
  },
} as const;

/** No script, no frame, nothing from elsewhere: upstream's files are served beside our page. */
const safetyHeaders = {
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-downloads",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

function failed(error: unknown, reply: FastifyReply): FastifyReply {
  const { status, line } = errorAnswer(error);
  for (const name of ['etag', 'last-modified', 'content-length', 'content-range']) reply.removeHeader(name);
  return plain(reply.headers(safetyHeaders), status, line);
}
