import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256Hex } from '../../../src/core/digest.ts';
import { byHashPath } from '../../../src/deb/paths.ts';
import { parseRelease, type Release } from '../../../src/deb/release.ts';
import { buildServer } from '../../../src/http/build-server.ts';
import { makeSiteFacts } from '../../builders/site-facts.ts';
import { makeWorkshop } from '../../support/publishing.ts';

const index = 'main/binary-amd64/Packages';

test('clients that update during a hundred switches, or across one, see no mismatch and no 404', async (t) => {
  const workshop = await makeWorkshop(t, { changes: { keepGenerations: 2, keepByHashSeconds: 300 } });
  const server = await buildServer({
    publicDirectory: workshop.publicDirectory,
    site: async () => makeSiteFacts(),
    ready: async () => ({ ready: true }),
  });
  t.after(() => server.close());
  const base = await server.listen({ port: 0, host: '127.0.0.1' });
  const get = async (path: string): Promise<Buffer> => {
    const answer = await fetch(`${base}/ubuntu/${path}`);
    assert.equal(answer.status, 200, path);
    return Buffer.from(await answer.arrayBuffer());
  };
  const readInRelease = async (): Promise<Release> => {
    const text = (await get('dists/xenial/InRelease')).toString();
    const signed = text.slice(text.indexOf('\n\n') + 2, text.indexOf('-----BEGIN PGP SIGNATURE'));
    return parseRelease(Buffer.from(signed), 'InRelease');
  };
  const readTheRest = async (release: Release): Promise<void> => {
    const sha256 = release.files.get(index)?.digests.sha256 ?? '';
    const packages = await get(`dists/xenial/${byHashPath(index, 'sha256', sha256)}`);
    assert.equal(sha256Hex(packages), sha256);
    for (const stanza of packages.toString().trim().split('\n\n')) {
      const [, filename = ''] = /^Filename: (.*)$/m.exec(stanza) ?? [];
      assert.equal(sha256Hex(await get(filename)), /^SHA256: (.*)$/m.exec(stanza)?.[1]);
    }
  };
  const publishVersion = async (version: number): Promise<string> => {
    workshop.advance(30);
    await workshop.stock({ main: [{ name: 'hello', version: `${version}` }, { name: 'stays' }] });
    return (await workshop.publish()).outcome;
  };
  await publishVersion(0);
  const outcomes = new Set<string>();

  for (let step = 1; step <= 100; step += 1) {
    const held = await readInRelease();
    const [outcome] = await Promise.all([publishVersion(step % 7), readInRelease().then(readTheRest)]);
    await readTheRest(held);
    outcomes.add(outcome);
  }

  assert.deepEqual([...outcomes], ['published']);
});
