import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256Hex } from '../../../src/core/digest.ts';
import { byHashPath } from '../../../src/deb/paths.ts';
import { parseRelease } from '../../../src/deb/release.ts';
import { buildServer } from '../../../src/http/build-server.ts';
import { makeSiteFacts } from '../../builders/site-facts.ts';
import { makeWorkshop } from '../../support/publishing.ts';

const index = 'main/binary-amd64/Packages';

test('clients that update in a loop during a hundred switches see no mismatch and no 404', async (t) => {
  const workshop = await makeWorkshop(t, { changes: { keepGenerations: 2, keepByHashSeconds: 300 } });
  const server = await buildServer({
    publicDirectory: workshop.publicDirectory,
    site: async () => makeSiteFacts(),
    ready: async () => ({ ready: true }),
    logger: false,
  });
  t.after(() => server.close());
  const base = await server.listen({ port: 0, host: '127.0.0.1' });
  const get = async (path: string): Promise<Buffer> => {
    const answer = await fetch(`${base}/ubuntu/${path}`);
    assert.equal(answer.status, 200, path);
    return Buffer.from(await answer.arrayBuffer());
  };
  const updateOnce = async (): Promise<void> => {
    const inRelease = (await get('dists/xenial/InRelease')).toString();
    const signed = inRelease.slice(
      inRelease.indexOf('\n\n') + 2,
      inRelease.indexOf('-----BEGIN PGP SIGNATURE'),
    );
    const release = parseRelease(Buffer.from(signed), 'InRelease');
    const sha256 = release.files.get(index)?.digests.sha256 ?? '';
    const packages = await get(`dists/xenial/${byHashPath(index, 'sha256', sha256)}`);
    assert.equal(sha256Hex(packages), sha256);
    for (const stanza of packages.toString().trim().split('\n\n')) {
      const [, filename = ''] = /^Filename: (.*)$/m.exec(stanza) ?? [];
      assert.equal(sha256Hex(await get(filename)), /^SHA256: (.*)$/m.exec(stanza)?.[1]);
    }
  };
  await workshop.stock({ main: [{ name: 'hello', version: '0' }, { name: 'stays' }] });
  await workshop.publish();
  let switching = true;
  let updates = 0;
  const client = async (): Promise<void> => {
    for (; switching; updates += 1) await updateOnce();
  };
  const clients = Promise.allSettled([client(), client(), client()]);

  try {
    for (let step = 1; step <= 100; step += 1) {
      workshop.advance(30);
      await workshop.stock({ main: [{ name: 'hello', version: `${step % 7}` }, { name: 'stays' }] });
      assert.equal((await workshop.publish()).outcome, 'published');
    }
  } finally {
    switching = false;
  }

  const ends = await clients;
  assert.deepEqual(
    ends.flatMap((end) => (end.status === 'rejected' ? [String(end.reason)] : [])),
    [],
  );
  assert.ok(updates > 10, `${updates} updates`);
});
