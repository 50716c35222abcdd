import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type MirrorSite, makeMirrorSite } from '../builders/mirror-site.ts';
import { runCli, startCli } from '../support/run-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

describe('espejo serve', () => {
  let site: MirrorSite;
  before(async () => {
    site = await makeMirrorSite();
  });
  after(() => site?.[Symbol.asyncDispose]());

  it('serves nothing but says so', async () => {
    const server = site.start('serve');
    const welcome = await server.said('stdout', /\n$/);

    server.child.kill('SIGTERM');
    const { exit } = await server.ended;

    assert.match(welcome, /^serving http:\/\/127\.0\.0\.1:\d+\/?\n/);
    assert.match(welcome, /nothing is published yet/);
    assert.equal(exit, 0);
  });

  it('prints the line for the key and the line for sources.list, and both work', async () => {
    await site.run('sync', '-quiet');
    await site.run('publish', '-quiet');
    const server = site.start('serve', '-listen=127.0.0.1:0');
    const welcome = await server.said('stdout', /\ndeb .*\n/);
    const key = /^curl -fsS (\S+) -o \/etc\/apt\/trusted\.gpg\.d\/espejo\.gpg$/m.exec(welcome)?.[1] ?? '';
    const [, archive = '', suite = ''] = /^deb (\S+) (\S+) main universe$/m.exec(welcome) ?? [];

    const answers = await Promise.all([fetch(key), fetch(`${archive}/dists/${suite}/InRelease`)]);

    server.child.kill('SIGTERM');
    const { exit } = await server.ended;
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200],
    );
    assert.equal(welcome.match(/^deb /gm)?.length, 1, welcome);
    assert.equal(exit, 0);
  });
});

describe('espejo serve on a root of aptly', () => {
  const directory = temporaryDirectory('aptly-serve');
  const options = { cwd: directory };
  before(() => {
    writeFileSync(join(directory, '.aptly.conf'), JSON.stringify({ rootDir: join(directory, 'root') }));
  });

  it('says so and ends when nothing is published', async () => {
    const { stdout, exit } = await runCli(['serve'], options);

    assert.equal(stdout, 'No published repositories, unable to serve.\n');
    assert.equal(exit, 0);
  });

  it('prints the lines of aptly first', async () => {
    await runCli(['repo', 'create', 'local'], options);
    const words = [
      'publish',
      'repo',
      '-skip-signing',
      '-distribution=sid',
      '-architectures=amd64,source',
      'local',
    ];
    const published = await runCli(words, options);
    const server = startCli(['serve', '-listen=127.0.0.1:0'], options);
    const said = await server.said('stdout', /^serving .*\n/m);
    const [, base = ''] = /^deb (\S+) sid main$/m.exec(said) ?? [];

    const answer = await fetch(`${base}dists/sid/Release`);

    server.child.kill('SIGTERM');
    const { exit } = await server.ended;
    assert.equal(published.exit, 0, published.stderr);
    assert.match(
      said,
      /^Serving published repositories, recommended apt sources list:\n\n# \.\/sid \[amd64, source\] publishes \{main: \[local\]\}\ndeb http:\/\/127\.0\.0\.1:(\d+)\/ sid main\ndeb-src http:\/\/127\.0\.0\.1:\1\/ sid main\n\n/,
    );
    assert.equal(said.match(/^deb /gm)?.length, 1, said);
    assert.equal(answer.status, 200);
    assert.equal(exit, 0);
  });
});

describe('espejo daemon', () => {
  it('syncs and publishes at its start, and ends at SIGTERM', async () => {
    await using site = await makeMirrorSite();
    site.configure((config) => ({ ...config, schedule: { on_start: true } }));
    const daemon = site.start('daemon');
    const welcome = await daemon.said('stderr', /"message":"deb .*\n/);
    const base = /"url":"([^"]+)"/.exec(welcome)?.[1] ?? '';

    const ready = await fetch(new URL('/readyz', base));

    daemon.child.kill('SIGTERM');
    const { exit, stderr } = await daemon.ended;
    assert.equal(ready.status, 200);
    assert.match(stderr, /xenial: published, generation/);
    assert.equal(exit, 0);
  });

  it('tells a round that failed and goes on serving', async () => {
    await using site = await makeMirrorSite();
    site.upstream.fault('*', { kind: 'status', status: 403 });
    site.configure((config) => ({ ...config, schedule: { on_start: true } }));
    const daemon = site.start('daemon');
    const told = await daemon.said('stderr', /E_MIRROR_EMPTY/);

    const base = /"url":"([^"]+)"/.exec(told)?.[1] ?? '';
    const health = await fetch(new URL('/healthz', base));

    daemon.child.kill('SIGTERM');
    assert.equal((await daemon.ended).exit, 0);
    assert.equal(health.status, 200);
    assert.match(told, /E_FETCH_STATUS/);
  });
});

describe('espejo demo', () => {
  const home = temporaryDirectory('demo');

  it('mirrors, publishes and verifies without a network', async () => {
    const { stdout, stderr, exit } = await runCli(['demo', '-once'], { cwd: home });

    assert.equal(exit, 0, stderr);
    assert.deepEqual(
      stdout.split('\n').map((line) => line.split(',', 1)[0]),
      ['xenial: synced', 'xenial: published', 'xenial: verified', ''],
    );
  });

  it('finds its archive unchanged the next time, and serves', async () => {
    const demo = startCli(['demo', '-listen=127.0.0.1:0'], { cwd: home });
    const said = await demo.said('stdout', /\ndeb .*\n/);

    demo.child.kill('SIGINT');

    assert.equal((await demo.ended).exit, 0);
    assert.match(said, /^xenial: unchanged, 5 packages, 3 requests\nxenial: unchanged/);
  });
});
