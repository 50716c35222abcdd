import type { FastifyInstance } from 'fastify';
import { isEspejoError } from '../core/errors.ts';

export type Readiness = { readonly ready: boolean; readonly reason?: string };

/** `GET /healthz`: the process answers. `GET /readyz`: it has something to serve. For probes, as JSON, never cached. */
export function addHealthRoutes(server: FastifyInstance, ready: () => Promise<Readiness>): void {
  server.get('/healthz', async (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ status: 'ok' }),
  );

  server.get('/readyz', async (_request, reply) => {
    const answer = await ask(ready);
    reply.header('cache-control', 'no-store');
    if (answer.ready) return reply.send({ status: 'ready' });
    return reply.code(503).send({ status: 'unavailable', reason: answer.reason ?? 'not ready yet' });
  });
}

async function ask(ready: () => Promise<Readiness>): Promise<Readiness> {
  try {
    return await ready();
  } catch (error) {
    return {
      ready: false,
      reason: isEspejoError(error) ? `${error.code}: ${error.message}` : 'the check failed',
    };
  }
}
