import type { TestContext } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { buildServer, type ServerOptions } from '../../src/http/build-server.ts';
import { makePublishedTree, type PublishedTree } from '../builders/published-tree.ts';
import { makeSiteFacts } from '../builders/site-facts.ts';

/** A server over a fresh published tree; both go away with the test. */
export async function startServer(
  context: TestContext,
  changes: Partial<ServerOptions> = {},
): Promise<{ readonly server: FastifyInstance; readonly tree: PublishedTree }> {
  const tree = await makePublishedTree();
  const server = await buildServer({
    publicDirectory: tree.root,
    site: async () => makeSiteFacts(),
    ready: async () => ({ ready: true }),
    ...changes,
  });
  context.after(async () => {
    await server.close();
    await tree.remove();
  });
  return { server, tree };
}
