import type { FastifyInstance } from 'fastify';

const sweepMs = 50;

/**
 * Closes `server`: no new connections, idle ones end at once, requests under way may take `graceMs` milliseconds more, then
 * their connections are cut. Settles when all are closed; calling it again is harmless.
 */
export async function closeGracefully(server: FastifyInstance, graceMs: number): Promise<void> {
  const http = server.server;
  const cut = setTimeout(() => http.closeAllConnections(), graceMs);
  // A kept-alive connection becomes idle when its last answer ends, and Node.js would wait for its timeout.
  const sweep = setInterval(() => http.closeIdleConnections(), sweepMs);
  try {
    await server.close();
  } finally {
    clearTimeout(cut);
    clearInterval(sweep);
  }
}
