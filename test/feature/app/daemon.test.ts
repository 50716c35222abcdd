import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { type Command, makeCommandSite } from '../../support/daemon.ts';

const loopback = '-listen=127.0.0.1:0';
const everySecond = 'schedule:\n  sync: "* * * * * *"\n  on_start: true\n';
const inRelease = '/dists/xenial/InRelease';
const packages = 'ubuntu/dists/xenial/main/binary-amd64/Packages';

describe('the daemon', () => {
  test('serves while its first round runs, is ready after it, and follows the upstream by schedule', async (t) => {
    const site = await makeCommandSite(t, everySecond);
    const answer = site.upstream.files.get(inRelease);
    const gate = Promise.withResolvers<void>();
    site.upstream.files.set(inRelease, async (_request, response) => {
      await gate.promise;
      response.end(answer);
    });
    const daemon = site.start('daemon', loopback);
    const url = await urlOf(daemon);
    const early = await Promise.all(['readyz', 'healthz', ''].map((path) => statusOf(`${url}/${path}`)));

    gate.resolve();
    await daemon.said(/"event":"publish"/);
    const ready = await statusOf(`${url}/readyz`);
    const before = await textOf(`${url}/${packages}`);
    await site.offer(1);
    await daemon.said(/: published[\s\S]*: published/);
    const after = await textOf(`${url}/${packages}`);
    daemon.child.kill('SIGTERM');

    assert.deepEqual([early, ready], [[503, 200, 200], 200]);
    assert.match(before, /Version: 1\.0-1ubuntu1\n/);
    assert.match(after, /Version: 1\.0-1ubuntu2\n/);
    assert.equal(await daemon.ended(), 0);
  });

  test('goes on with the other mirrors when one fails', async (t) => {
    const site = await makeCommandSite(t, everySecond, { broken: '/nothing-here/' });

    const daemon = site.start('daemon', loopback);

    await daemon.said(/"subject":"mirror broken"/);
    await daemon.said(/"event":"publish"/);
    assert.equal(await statusOf(`${await urlOf(daemon)}/${packages}`), 200);
  });

  test('ends with status 0 within seconds when told to in the middle of a sync', async (t) => {
    const site = await makeCommandSite(t, everySecond);
    const asked = Promise.withResolvers<void>();
    site.upstream.files.set(inRelease, () => asked.resolve());
    const daemon = site.start('daemon', loopback);
    await daemon.said(/serving/);
    await asked.promise;
    const start = performance.now();

    daemon.child.kill('SIGTERM');

    assert.equal(await daemon.ended(), 0, daemon.stderr());
    assert.ok(performance.now() - start < 4000);
  });

  test('tells everything as JSON with ISO times where no person reads, and nothing on standard output', async (t) => {
    const site = await makeCommandSite(t, `${everySecond}server:\n  log_requests: true\n`);
    const daemon = site.start('daemon', loopback);
    const url = await urlOf(daemon);
    await daemon.said(/"event":"publish"/);
    await statusOf(`${url}/healthz`);
    await daemon.said(/"path":"\/healthz"/);
    await daemon.said(/"message":"deb /);

    daemon.child.kill('SIGTERM');
    await daemon.ended();

    const lines = daemon
      .stderr()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.equal(daemon.stdout(), '');
    for (const { level, time, event, message } of lines) {
      assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assert.match(String(level), /^(?:info|warn|error)$/);
      assert.ok(typeof event === 'string' && typeof message === 'string');
    }
    assert.deepEqual(
      lines.slice(-2).map(({ event }) => event),
      ['stopping', 'stopped'],
    );
  });

  test('tells no more than its level', async (t) => {
    const site = await makeCommandSite(t, `log_level: warn\n${everySecond}`, { broken: '/nothing-here/' });

    const daemon = site.start('daemon', loopback);
    await daemon.said(/"subject":"mirror broken"/);

    for (const line of daemon.stderr().trimEnd().split('\n'))
      assert.match(line, /^{"level":"(?:warn|error)"/);
  });

  test('reads its configuration again at SIGHUP: new title, new schedule; the old one stays when it is wrong', async (t) => {
    const site = await makeCommandSite(t, 'server:\n  title: Before\n  listen: 127.0.0.1:0\n');
    const daemon = site.start('daemon');
    const url = await urlOf(daemon);
    const config = await readFile(site.configPath, 'utf8');

    await writeFile(site.configPath, config.replace('Before', '[]'));
    daemon.child.kill('SIGHUP');
    await daemon.said(/the old configuration stays: [^"]*title/);
    const kept = await textOf(`${url}/`);
    await writeFile(site.configPath, config.replace('root_dir: ', 'root_dir: /elsewhere'));
    daemon.child.kill('SIGHUP');
    await daemon.said(/the old configuration stays: root_dir changed/);
    await writeFile(
      site.configPath,
      `${config.replace('Before', 'After').replace('127.0.0.1:0', ':1')}${everySecond}`,
    );
    daemon.child.kill('SIGHUP');
    await daemon.said(/server\.listen changes at a restart only[\s\S]*read again/);
    const changed = await textOf(`${url}/`);
    await daemon.said(/"event":"publish"/);
    daemon.child.kill('SIGTERM');

    assert.match(kept, /Before/);
    assert.match(changed, /After/);
    assert.equal(await daemon.ended(), 0);
  });

  test('says in one line that its port is taken', async (t) => {
    const site = await makeCommandSite(t);
    const other = createServer().listen(0, '127.0.0.1');
    t.after(() => other.close());
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;

    const daemon = site.start('daemon', `-listen=127.0.0.1:${port}`);

    assert.equal(await daemon.ended(), 1);
    assert.match(daemon.stderr(), /^ERROR: [^\n]*in use[^\n]*\[E_PORT_IN_USE\]\n$/);
  });

  test('shows its page although there is no key yet', async (t) => {
    const site = await makeCommandSite(t, 'keys:\n  directory: keys-to-come\n');

    const daemon = site.start('daemon', loopback);

    assert.equal(await statusOf(`${await urlOf(daemon)}/`), 200);
  });
});

test('publish survives SIGKILL at any time: the tree is whole and the next publish finishes', async (t) => {
  const site = await makeCommandSite(t);
  await run(site.start('sync'), 0);
  await run(site.start('publish'), 0);
  let killed = 0;

  for (let round = 1; round <= 3; round += 1) {
    await site.offer(round);
    await run(site.start('sync'), 0);
    const publish = site.start('publish');
    setTimeout(() => publish.child.kill('SIGKILL'), 200 + round * 100);
    if ((await publish.ended()) === null) killed += 1;
    await run(site.start('verify'), 0);
  }
  await run(site.start('publish'), 0);

  await run(site.start('verify'), 0);
  assert.ok(killed > 0, 'a publish was killed');
});

async function run(command: Command, status: number): Promise<void> {
  assert.equal(await command.ended(), status, command.stderr());
}

async function urlOf(daemon: Command): Promise<string> {
  const [, url = ''] = await daemon.said(/"url":"(http[^"]+)"/);
  return url;
}

async function statusOf(url: string): Promise<number> {
  const answer = await fetch(url);
  await answer.arrayBuffer();
  return answer.status;
}

async function textOf(url: string): Promise<string> {
  return await (await fetch(url)).text();
}
