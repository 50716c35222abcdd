import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { buildServer } from '../../src/http/build-server.ts';
import { makeSiteFacts } from '../builders/site-facts.ts';
import { type AptClient, makeAptClient } from '../support/apt-client.ts';
import { skipWithout } from '../support/programs.ts';
import { makeWorkshop, type Workshop } from '../support/publishing.ts';

describe('apt', { skip: skipWithout('apt-get', '--version') }, () => {
  test('updates without a word of warning, by hash, and installs with dependencies', async (t) => {
    const { workshop, client, paths } = await makeClient(t);
    await workshop.stock({
      main: [{ name: 'app', fields: { Depends: 'libapp (>= 1.0)' } }, { name: 'libapp' }],
      universe: [],
    });
    await workshop.publish();

    const update = await client.apt('update');
    const simulated = await client.apt('install', '-s', 'app');
    const download = await client.apt('download', 'app');

    assert.deepEqual([update.status, update.stderr], [0, '']);
    assert.match(simulated.stdout, /Inst libapp .*\n(?:.*\n)*Inst app /);
    assert.equal(download.status, 0);
    assert.deepEqual(
      await readFile(join(client.directory, 'app_1.0_amd64.deb')),
      await readFile(workshop.at('ubuntu/pool/main/a/app/app_1.0_amd64.deb')),
    );
    const indexes = paths.filter((path) => path.includes('/xenial/main/'));
    assert.ok(indexes.length > 0 && indexes.every((path) => path.includes('/by-hash/SHA512/')));
  });

  test('follows a new version, and after a rollback sees the old one as candidate again', async (t) => {
    const { workshop, client } = await makeClient(t);
    const seen: (string | undefined)[] = [];
    const look = async (): Promise<void> => {
      const { status, stderr } = await client.apt('update');
      assert.deepEqual([status, stderr], [0, '']);
      seen.push(await client.candidate('app'));
      workshop.advance(60);
    };
    await workshop.stock({ main: [{ name: 'app', version: '1.0' }] });
    await workshop.publish();
    await look();
    await workshop.stock({ main: [{ name: 'app', version: '2.0' }] });
    await workshop.publish();
    await look();

    await workshop.rollback();
    await look();

    assert.deepEqual(seen, ['1.0', '2.0', '1.0']);
  });

  test('refuses a tree whose index was edited', async (t) => {
    const { workshop, client } = await makeClient(t);
    await workshop.stock({ main: [{ name: 'app' }] });
    await workshop.publish();
    for (const form of ['', '.gz', '.xz']) {
      const path = workshop.at(`ubuntu/dists/xenial/main/binary-amd64/Packages${form}`);
      const bytes = await readFile(path);
      await writeFile(path, bytes.toReversed());
    }

    const update = await client.apt('update');

    assert.notEqual(update.status, 0);
    assert.match(update.stderr, /Hash Sum mismatch|unexpected size/);
  });
});

for (const program of ['gpgv', 'gpgv1']) {
  test(`${program} accepts InRelease and Release.gpg`, {
    skip: skipWithout(program, '--version'),
  }, async (t) => {
    const workshop = await makeWorkshop(t);
    await workshop.stock({ main: [{ name: 'app' }] });
    await workshop.publish();
    const keyring = join(workshop.root, 'keyring.gpg');
    await writeFile(keyring, workshop.signer.publicKey.binary);
    const at = (name: string): string => workshop.at(`ubuntu/dists/xenial/${name}`);

    const runs = [[at('InRelease')], [at('Release.gpg'), at('Release')]].map((files) =>
      spawnSync(program, ['--keyring', keyring, ...files], { encoding: 'utf8' }),
    );

    assert.deepEqual(
      runs.map(({ status }) => status),
      [0, 0],
      runs.map(({ stderr }) => stderr).join('\n'),
    );
  });
}

/** A mirror on loopback and an apt that knows nothing but that mirror. */
async function makeClient(
  t: TestContext,
): Promise<{ workshop: Workshop; client: AptClient; paths: readonly string[] }> {
  const workshop = await makeWorkshop(t, { changes: { architectures: ['amd64'] } });
  const server = await buildServer({
    publicDirectory: workshop.publicDirectory,
    site: async () => makeSiteFacts(),
    ready: async () => ({ ready: true }),
  });
  const paths: string[] = [];
  server.server.prependListener('request', ({ url }) => paths.push(String(url)));
  t.after(() => server.close());
  const url = await server.listen({ port: 0, host: '127.0.0.1' });
  const client = await makeAptClient(t, {
    sources: [`deb ${url}/ubuntu xenial main`],
    key: workshop.signer.publicKey.binary,
  });
  return { workshop, paths, client };
}
