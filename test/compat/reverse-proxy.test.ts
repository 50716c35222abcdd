import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { skipWithout } from '../support/programs.ts';
import { type RunningCli, runCli, startCli } from '../support/run-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const skip = skipWithout('nginx', '-v') || skipWithout('openssl', 'version');

/** The demo behind a real nginx with the configurations that docker/ ships. */
for (const recipe of ['nginx.conf', 'nginx-files.conf'])
  describe(`docker/${recipe}`, { skip, timeout: 60_000 }, () => {
    const directory = temporaryDirectory('reverse-proxy');
    let espejo: RunningCli;
    let nginx: ChildProcess;
    let port: number;

    before(async () => {
      const listen = await freePort();
      port = await freePort();
      const made = await runCli(['demo', '-once', `-root=${directory}/mirror`], { cwd: directory });
      assert.equal(made.exit, 0, made.stderr);
      const config = join(directory, 'mirror/espejo.yaml');
      const told = 'server:\n  public_url: https://mirror.example/';
      writeFileSync(config, readFileSync(config, 'utf8').replace('server:', told));
      const flags = [`-config=${config}`, `-listen=127.0.0.1:${listen}`];
      espejo = startCli(['serve', ...flags], { cwd: directory });
      await espejo.said('stdout', /\ndeb .*\n/);
      nginx = await startNginx(recipe, directory, { espejo: listen, tls: port });
    });

    after(async () => {
      nginx?.kill('SIGQUIT');
      espejo?.child.kill('SIGTERM');
      await espejo?.ended;
    });

    it('serves the signed tree over TLS, byte for byte', async () => {
      const answer = await get(port, '/ubuntu/dists/xenial/InRelease');

      assert.equal(answer.status, 200);
      const published = join(directory, 'mirror/public/ubuntu/dists/xenial/InRelease');
      assert.deepEqual(answer.body, readFileSync(published));
    });

    it('lets validators and ranges through', async () => {
      const first = await get(port, '/ubuntu/dists/xenial/InRelease');
      const validator = { 'if-modified-since': String(first.headers['last-modified']) };

      const unchanged = await get(port, '/ubuntu/dists/xenial/InRelease', validator);
      const part = await get(port, '/ubuntu/dists/xenial/InRelease', { range: 'bytes=0-9' });

      assert.equal(unchanged.status, 304);
      assert.equal(part.status, 206);
      assert.deepEqual(part.body, first.body.subarray(0, 10));
    });

    it('tells caches what never changes, and shows nothing that begins with a dot', async () => {
      const release = await get(port, '/ubuntu/dists/xenial/InRelease');
      const tree = join(directory, 'mirror/public/ubuntu');
      const [byHash = ''] = globSync('dists/xenial/main/binary-amd64/by-hash/SHA256/*', { cwd: tree });
      const [deb = ''] = globSync('pool/**/*.deb', { cwd: tree });

      for (const path of [byHash, deb]) {
        const answer = await get(port, `/ubuntu/${path}`);
        assert.equal(answer.headers['cache-control'], 'public, max-age=31536000, immutable', path);
        assert.equal(answer.headers['x-content-type-options'], 'nosniff');
        assert.deepEqual(answer.body, readFileSync(join(tree, path)));
      }
      assert.equal(release.headers['cache-control'], 'no-cache, must-revalidate');
      assert.equal((await get(port, '/ubuntu/dists/.espejo/')).status, 404);
      assert.equal((await get(port, '/nothing')).status, 404);
    });

    it('sends files itself where the recipe says so', async () => {
      const { headers } = await get(port, '/ubuntu/dists/xenial/InRelease');

      // nginx's tag has two parts, espejo's three.
      const parts = String(headers['etag']).split('-').length;
      assert.equal(parts, recipe === 'nginx-files.conf' ? 2 : 3);
    });

    it('is named by the lines for sources.list', async () => {
      const page = await get(port, '/');

      assert.match(page.body.toString(), /https:\/\/mirror\.example\/ubuntu/);
      assert.doesNotMatch(page.body.toString(), /http:\/\/127\.0\.0\.1/);
    });
  });

async function startNginx(
  recipe: string,
  directory: string,
  ports: { readonly espejo: number; readonly tls: number },
): Promise<ChildProcess> {
  const subject = ['-subj', '/CN=mirror.example', '-days', '2', '-nodes'];
  const files = ['-keyout', join(directory, 'tls.key'), '-out', join(directory, 'tls.pem')];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', ...subject, ...files], { stdio: 'ignore' });
  const site = readFileSync(resolve(import.meta.dirname, '../../docker', recipe), 'utf8')
    .replace('/var/lib/espejo/public', join(directory, 'mirror/public'))
    .replace('listen 443 ssl', `listen 127.0.0.1:${ports.tls} ssl`)
    .replace('/etc/ssl/certs/mirror.example.pem', join(directory, 'tls.pem'))
    .replace('/etc/ssl/private/mirror.example.key', join(directory, 'tls.key'))
    .replaceAll('127.0.0.1:8080', `127.0.0.1:${ports.espejo}`);
  writeFileSync(join(directory, 'site.conf'), site);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${directory}/${name};`)
    .join('\n');
  const main = `${process.getuid?.() === 0 ? 'user root;\n' : ''}daemon off;\npid ${directory}/nginx.pid;\nerror_log ${directory}/error.log;\nevents {}\n`;
  const http = `http {\naccess_log off;\n${temporary}\ninclude ${directory}/site.conf;\n}\n`;
  writeFileSync(join(directory, 'nginx.conf'), main + http);
  const nginx = spawn('nginx', ['-c', join(directory, 'nginx.conf'), '-p', directory], { stdio: 'inherit' });
  await answering(ports.tls, nginx);
  return nginx;
}

/** Until nginx accepts connections; fails when it ends before. */
async function answering(port: number, nginx: ChildProcess): Promise<void> {
  while (nginx.exitCode === null) {
    const answer = await get(port, '/healthz').catch(() => undefined);
    if (answer !== undefined) return;
  }
  throw new Error(`nginx ended with ${nginx.exitCode}`);
}

type Answer = {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
};

async function get(port: number, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  return await new Promise((done, failed) => {
    const options = { host: '127.0.0.1', port, path, headers, rejectUnauthorized: false };
    const sent = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', failed);
      response.on('end', () =>
        done({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    sent.on('error', failed);
    sent.end();
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise<void>((done) => server.close(() => done()));
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}
