import type { FastifyInstance, FastifyRequest } from 'fastify';
import { baseUrlOf } from './base-url.ts';
import { revalidate } from './file-headers.ts';
import { plain } from './serve-tree.ts';
import type { SiteFacts } from './site-facts.ts';
import { siteHtml } from './site-html.ts';
import { siteText } from './site-text.ts';

/** `GET /`, `/espejo.asc`, `/espejo.gpg`. */
export function addSiteRoutes(server: FastifyInstance, site: () => Promise<SiteFacts>): void {
  server.get('/', async (request, reply) => {
    const facts = await site();
    const base = baseUrlOf(facts.publicUrl, {
      host: request.headers.host,
      localAddress: request.raw.socket.localAddress,
      localPort: request.raw.socket.localPort,
    });
    // The text may quote the Host header of this very request: never for a shared cache.
    reply.header('cache-control', 'no-store').header('vary', 'accept');
    return wantsText(request)
      ? reply.type('text/plain; charset=utf-8').send(siteText(facts, base))
      : reply.type('text/html; charset=utf-8').send(siteHtml(facts, base));
  });

  server.get('/espejo.asc', async (_request, reply) => {
    const { key } = await site();
    if (key === undefined) return plain(reply, 404, noKey);
    return reply
      .header('cache-control', revalidate)
      .type('application/pgp-keys; charset=utf-8')
      .send(key.armored);
  });

  server.get('/espejo.gpg', async (_request, reply) => {
    const { key } = await site();
    if (key === undefined) return plain(reply, 404, noKey);
    return reply.header('cache-control', revalidate).type('application/octet-stream').send(key.binary);
  });
}

const noKey = 'there is no signing key: this mirror publishes without a signature';

/** `?format=text`, or an Accept header that names text/plain and does not name text/html before it. */
function wantsText(request: FastifyRequest): boolean {
  const { format } = request.query as { readonly format?: unknown };
  if (format !== undefined) return format === 'text';
  const accepted = (request.headers.accept ?? '').toLowerCase().split(',');
  const first = accepted
    .map((item) => item.split(';', 1)[0]?.trim())
    .find((type) => type === 'text/plain' || type === 'text/html');
  return first === 'text/plain';
}
