import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { getContainerRuntimeClient, type StartedTestContainer } from 'testcontainers';
import { keepClient, runClient } from './support/client.ts';
import { skipWithoutEngine } from './support/engine.ts';
import { buildClientImage } from './support/images.ts';
import { makeSite, type TestSite } from './support/site.ts';

const suite = 'xenial';
const skip = await skipWithoutEngine();

describe('the mirror image', { skip, timeout: 300_000 }, () => {
  let site: TestSite;

  before(async () => {
    site = await makeSite({
      suite,
      packages: ['greeting'],
      fill: async (archive) => {
        await archive.addPackage({ name: 'greeting', version: '1.0', depends: 'libgreeting (>= 1.0)' });
        await archive.addPackage({ name: 'libgreeting', version: '1.0' });
        await archive.addPackage({ name: 'unwanted', version: '1.0' });
      },
    });
  });

  after(async () => {
    await site?.remove();
  });

  it('runs as an ordinary user on a read-only root file system', async () => {
    const user = await site.mirror.container.exec(['id', '-u']);
    const write = await site.mirror.container.exec(['touch', '/opt/espejo/intruder']);

    assert.equal(user.output.trim(), '10001');
    assert.notEqual(write.exitCode, 0);
    assert.match(write.output, /Read-only file system/);
  });

  for (const base of ['bookworm', 'trixie'] as const) {
    it(`feeds a ${base} client, which installs a package with its dependency`, async () => {
      const client = await buildClientImage(base, site.mirror.key, `right-${base}`);
      site.defer(client.remove);

      const { status, output } = await runClient({
        ...site,
        image: client.image,
        suite,
        packages: ['greeting', 'libgreeting'],
      });

      assert.equal(status, 0, output);
      assert.match(output, /^installed greeting 1\.0 install ok installed$/m);
      assert.match(output, /^installed libgreeting 1\.0 install ok installed$/m);
    });

    it(`is refused by a ${base} client that was built with another key`, async () => {
      const client = await buildClientImage(base, site.archive.keyring, `wrong-${base}`);
      site.defer(client.remove);

      const { status, output } = await runClient({
        ...site,
        image: client.image,
        suite,
        packages: ['greeting'],
      });

      assert.equal(status, 1, output);
      assert.match(output, /apt does not trust the mirror/);
      assert.doesNotMatch(output, /^installed /m);
    });
  }

  it('does not offer what was not asked for', async () => {
    const client = await buildClientImage('bookworm', site.mirror.key, 'unwanted');
    site.defer(client.remove);

    const { status, output } = await runClient({
      ...site,
      image: client.image,
      suite,
      packages: ['unwanted'],
    });

    assert.equal(status, 1, output);
    assert.match(output, /Unable to locate package unwanted/);
  });

  describe('with a client that stays', () => {
    let client: StartedTestContainer;

    before(async () => {
      const { image, remove } = await buildClientImage('bookworm', site.mirror.key, 'staying');
      site.defer(remove);
      client = await keepClient({ ...site, image, suite, packages: ['greeting'] });
      site.defer(() => client.stop());
    });

    it('is the only source and the only key of the client', async () => {
      const files = 'find /etc/apt/sources.list* /etc/apt/trusted.gpg* ! -type d -exec cat {} + | sha256sum';
      const expected =
        '{ echo "deb http://mirror:8080/ubuntu xenial main"; cat /etc/apt/trusted.gpg.d/espejo.gpg; } | sha256sum';

      const found = await client.exec(['sh', '-c', files]);
      const wanted = await client.exec(['sh', '-c', expected]);

      assert.equal(found.output, wanted.output);
    });

    it('is all that the client can reach', async () => {
      const upstream = site.upstream.getIpAddress(site.networks.egress);

      const toMirror = await connect(client, 'mirror', 8080);
      const toUpstream = await connect(client, upstream, 80);

      assert.equal(toMirror, 'reached');
      assert.equal(toUpstream, 'not reached');
    });

    it('brings a new upstream version after the next sync and publish', async () => {
      await site.archive.addPackage({ name: 'greeting', version: '2.0', depends: 'libgreeting (>= 1.0)' });
      await site.archive.release();

      await site.mirror.espejo('sync');
      await site.mirror.espejo('publish');
      const upgraded = await upgrade(client);

      assert.equal(upgraded, 'greeting 2.0');
    });

    it('brings the old version back with a rollback', async () => {
      await site.mirror.espejo('publish', '--rollback');
      const { image, remove } = await buildClientImage('trixie', site.mirror.key, 'rollback');
      site.defer(remove);

      const { status, output } = await runClient({ ...site, image, suite, packages: ['greeting'] });

      assert.equal(status, 0, output);
      assert.match(output, /^installed greeting 1\.0 /m);
    });
  });

  it('ends with status 0 within seconds of SIGTERM', async () => {
    const { container } = await getContainerRuntimeClient();
    const handle = container.getById(site.mirror.container.getId());
    const begun = performance.now();

    await handle.stop({ t: 20 });
    const { State: state } = await handle.inspect();

    assert.equal(state.ExitCode, 0);
    assert.ok(performance.now() - begun < 10_000, 'the engine did not have to kill it');
  });
});

async function connect(client: StartedTestContainer, host: string, port: number): Promise<string> {
  const probe = `timeout 4 bash -c 'exec 3<>/dev/tcp/${host}/${port}' 2>/dev/null && echo reached || echo not reached`;
  const { output } = await client.exec(['bash', '-c', probe]);
  return output.trim();
}

async function upgrade(client: StartedTestContainer): Promise<string> {
  const { output, exitCode } = await client.exec([
    'bash',
    '-euc',
    'timeout 60 apt-get -q update && timeout 60 apt-get -qy upgrade',
  ]);
  assert.equal(exitCode, 0, output);
  const versions = await client.exec(['dpkg-query', '--show', 'greeting']);
  return versions.output.trim().replace('\t', ' ');
}
