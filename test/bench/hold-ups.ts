import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { loadConfig } from '../../src/config/load-config.ts';
import { isEspejoError } from '../../src/core/errors.ts';
import { createFetcher, type FetcherOptions } from '../../src/fetch/create-fetcher.ts';

/**
 * How long four hostile upstreams hold a run of espejo with its default limits: `npx node test/bench/hold-ups.ts [minutes]`.
 * Each is asked for 20 files, four at a time; after the given minutes (10) the measurement is ended.
 */
const minutes = Number(process.argv[2] ?? 10);
const files = 20;

/** What each connection is told, request by request; the answer to one may depend on what was asked. */
const upstreams: Readonly<Record<string, (socket: Socket, path: string) => void>> = {
  'one byte each 0.7 s': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n');
    repeat(socket, 'x', 700);
  },
  'interim answers without end': (socket) => repeat(socket, 'HTTP/1.1 103 Early Hints\r\n\r\n', 700),
  'Retry-After for each file': (socket, path) => {
    const first = !retried.has(path);
    retried.add(path);
    const head = first ? '503 Busy\r\nretry-after: 3600' : '200 OK';
    socket.write(`HTTP/1.1 ${head}\r\ncontent-length: 1\r\n\r\nx`);
  },
  'no answer at all': () => undefined,
};
const retried = new Set<string>();

function repeat(socket: Socket, text: string, milliseconds: number): void {
  const timer = setInterval(() => socket.write(text), milliseconds);
  socket.once('close', () => clearInterval(timer));
}

async function measure(name: string, speak: (socket: Socket, path: string) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (head) => speak(socket, String(head).split(' ', 2)[1] ?? ''));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const fetcher = createFetcher(await defaultLimits());
  const signal = AbortSignal.timeout(minutes * 60_000);
  const start = performance.now();
  const outcomes = new Map<string, number>();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < files) {
      const path = `http://127.0.0.1:${port}/${next++}`;
      const target = { urls: [path], maxBytes: 1_000_000 };
      const outcome = await fetcher.document(target, { signal, report: () => undefined }).then(
        () => 'fetched',
        (error: unknown) => (isEspejoError(error) ? error.code : 'stopped'),
      );
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  const seconds = Math.round((performance.now() - start) / 1000);
  await fetcher.close();
  for (const socket of sockets) socket.destroy();
  server.close();
  const counts = [...outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  return `| ${name} | ${signal.aborted ? `more than ${minutes} min` : `${seconds} s`} | ${counts} |`;
}

async function defaultLimits(): Promise<FetcherOptions> {
  const config = await loadConfig({ env: { HOME: '/nonexistent' }, cwd: '/', missing: 'create' });
  const { limits } = config;
  return { ...limits, connections: limits.concurrency, userAgent: 'espejo-bench', env: {} } as FetcherOptions;
}

const rows = await Promise.all(Object.entries(upstreams).map(([name, speak]) => measure(name, speak)));
process.stdout.write(`| upstream | given up after | files |\n| --- | --- | --- |\n${rows.join('\n')}\n`);
