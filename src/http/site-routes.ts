import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { baseUrlOf } from './base-url.ts';
import { revalidate } from './file-headers.ts';
import { plain } from './serve-tree.ts';
import type { SiteFacts, SiteKey } from './site-facts.ts';
import { siteHtml } from './site-html.ts';
import { keyNamed } from './site-keys.ts';
import { siteText } from './site-text.ts';

/** `GET /`, `/espejo.asc`, `/espejo.gpg`, and `/keys/<fingerprint>.asc` and `.gpg` of every key that signed something. */
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

  for (const form of ['asc', 'gpg'] as const) {
    server.get(`/espejo.${form}`, async (_request, reply) => {
      const { key } = await site();
      return key === undefined ? plain(reply, 404, noKey) : sendKey(reply, key, form);
    });
    // A prefix may be called "keys": only names of this form are taken from it.
    server.get<{ Params: { fingerprint: string } }>(
      `/keys/:fingerprint(^[0-9A-Fa-f]{40,64}).${form}`,
      async (request, reply) => {
        const key = keyNamed(await site(), request.params.fingerprint);
        return key === undefined
          ? plain(reply, 404, 'no publication is signed by that key')
          : sendKey(reply, key, form);
      },
    );
  }
}

function sendKey(reply: FastifyReply, { armored, binary }: SiteKey, form: 'asc' | 'gpg'): FastifyReply {
  reply.header('cache-control', revalidate);
  return form === 'asc'
    ? reply.type('application/pgp-keys; charset=utf-8').send(armored)
    : reply.type('application/octet-stream').send(binary);
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
