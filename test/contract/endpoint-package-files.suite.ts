import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EspejoError } from '../../src/core/errors.ts';
import { collect } from '../support/collect.ts';
import {
  deb,
  debFile,
  linking,
  newerDeb,
  type OpenEndpoint,
  place,
  signal,
  sourceOf,
} from './endpoint-under-test.ts';

/** Package files: linked, checked, replaced and removed. */
export function packageFilePromises(open: OpenEndpoint): void {
  test('package files are checked, linked once, and removed', async (t) => {
    const { endpoint, get, store } = await open(t);
    const checked: string[] = [];
    const options = linking({ check: async ({ path }) => void checked.push(path) });

    const file = debFile(deb, store);
    await endpoint.link('ubuntu', [file], options);
    await endpoint.link('ubuntu', [file], options);
    const published = await get(`ubuntu/${deb.path}`);
    const used = await collect(endpoint.files(place, signal));
    await endpoint.remove('ubuntu', [deb.path], 'unfinished');
    const kept = await get(`ubuntu/${deb.path}`);
    await endpoint.remove('ubuntu', [deb.path, 'pool/none'], 'published');

    assert.deepEqual([published, kept], [deb.bytes, deb.bytes]);
    assert.deepEqual(checked, [deb.path, deb.path]);
    assert.deepEqual(
      used.map(({ of, path, size }) => [of, path, size]),
      [['pool', deb.path, deb.bytes.length]],
    );
    assert.equal(await get(`ubuntu/${deb.path}`), undefined);
    assert.equal(await endpoint.sweep('ubuntu', 'pool'), 0);
  });

  test('a file that the check refuses is not published', async (t) => {
    const { endpoint, get } = await open(t);
    const check = async (): Promise<void> => {
      throw new EspejoError('E_POOL_MISSING', 'gone');
    };

    await assert.rejects(endpoint.link('ubuntu', [debFile(deb)], linking({ check })), {
      code: 'E_POOL_MISSING',
    });

    assert.equal(await get(`ubuntu/${deb.path}`), undefined);
  });

  test('a published file with other content is told of, and replaced unless that is refused', async (t) => {
    const { endpoint, get, store } = await open(t);
    await endpoint.link('ubuntu', [debFile(deb, store)], linking());
    const other = debFile({ path: deb.path, bytes: Buffer.from('other bytes') }, store);
    const refusal = linking({
      onDifferent: async (_, name) => {
        throw new EspejoError('E_PUBLISH_CONFLICT', name);
      },
    });

    const differing = await endpoint.differing('ubuntu', [other, debFile(newerDeb)], sourceOf);
    await assert.rejects(endpoint.link('ubuntu', [other], refusal), {
      code: 'E_PUBLISH_CONFLICT',
      message: endpoint.nameOf(`ubuntu/${deb.path}`),
    });
    const kept = await get(`ubuntu/${deb.path}`);
    await endpoint.link('ubuntu', [other], linking());

    assert.deepEqual([...differing], [deb.path]);
    assert.deepEqual(kept, deb.bytes);
    assert.equal(String(await get(`ubuntu/${deb.path}`)), 'other bytes');
  });

  test('what can only be read is linked once too', async (t) => {
    const { endpoint, get } = await open(t);
    const older = debFile({ path: deb.path, bytes: Buffer.from('older') });
    const replaced: string[] = [];
    const options = linking({ onDifferent: async ({ path }) => void replaced.push(path) });

    for (const file of [older, debFile(deb), debFile(deb)]) await endpoint.link('ubuntu', [file], options);

    assert.deepEqual(replaced, [deb.path]);
    assert.deepEqual(await get(`ubuntu/${deb.path}`), deb.bytes);
  });

  test('bytes that are not what the index says get no name', async (t) => {
    const { endpoint, get } = await open(t);
    const wrong = { ...debFile(deb), sha256: '0'.repeat(64) };

    await assert.rejects(endpoint.link('ubuntu', [wrong], linking()), { code: 'E_DIGEST_MISMATCH' });

    assert.equal(await get(`ubuntu/${deb.path}`), undefined);
  });
}
