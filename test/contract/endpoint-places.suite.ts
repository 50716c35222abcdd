import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestsOf } from '../../src/core/digest.ts';
import { collect } from '../support/collect.ts';
import {
  byHash,
  clientSees,
  dateOf,
  deb,
  debFile,
  fileOf,
  leftOf,
  linking,
  type OpenEndpoint,
  place,
  publish,
  putForeign,
  seal,
  signal,
} from './endpoint-under-test.ts';

/** Where trees may lie, what of others lies there, and what is left of a place that is withdrawn. */
export function placePromises(open: OpenEndpoint): void {
  test('what is withdrawn cannot be had, and nothing of it stays', async (t) => {
    const { endpoint, get } = await open(t);
    await publish(endpoint, 'one', 'first');

    await endpoint.withdraw(place);
    await endpoint.withdraw(place);

    assert.equal(await get('ubuntu/dists/xenial/InRelease'), undefined);
    assert.deepEqual(await collect(endpoint.files(place, signal)), []);
    assert.equal(await endpoint.sweep('ubuntu', 'dists'), 0);
  });

  test('distributions of one prefix, and one name with a slash, are apart', async (t) => {
    const { endpoint, get } = await open(t);
    const updates = { prefix: 'ubuntu', distribution: 'stable/updates' };
    await publish(endpoint, 'one', 'first');
    await publish(endpoint, 'one', 'other', { place: updates });

    await endpoint.withdraw(place);

    assert.equal(await clientSees(get, updates), 'other');
  });

  test('a place inside a published tree, or with what espejo did not publish, is refused', async (t) => {
    const { endpoint, put } = await open(t);
    await publish(endpoint, 'one', 'first');
    await put('ubuntu/dists/foreign/Release', Buffer.from('foreign'));
    const inside = { prefix: 'ubuntu', distribution: 'xenial/updates' };
    const foreign = { prefix: 'ubuntu', distribution: 'foreign' };

    for (const taken of [inside, foreign]) {
      await assert.rejects(endpoint.survey(taken, { mayBeForeign: false }), { code: 'E_PUBLISH_CONFLICT' });
      await seal(endpoint, 'one', 'mine', { place: taken });
      await assert.rejects(endpoint.commit(taken, 'one', { takesOver: false }), {
        code: 'E_PUBLISH_CONFLICT',
      });
    }
  });

  test('what another program has published is taken over, and goes on to be offered by hash', async (t) => {
    const { endpoint, get, put } = await open(t);
    await putForeign(put);
    const { visible } = await endpoint.survey(place, { mayBeForeign: true });

    await publish(endpoint, 'one', 'first', { carries: ['foreign'], takesOver: true });

    assert.deepEqual(visible, { kind: 'foreign' });
    assert.equal(await clientSees(get), 'first');
    const old = byHash(digestsOf(Buffer.from('theirs')));
    assert.equal(String(await get(`ubuntu/dists/xenial/${old}`)), 'theirs');
    assert.deepEqual(await leftOf(endpoint, ['one']), []);
  });

  for (const [name, wrong] of Object.entries({
    'leaves the endpoint': { prefix: '../x', distribution: 'xenial' },
    "is espejo's own": { prefix: 'ubuntu', distribution: '.espejo/xenial' },
    'is absolute': { prefix: '.', distribution: '/xenial' },
  }))
    test(`a place that ${name} is refused`, async (t) => {
      const { endpoint } = await open(t);

      await assert.rejects(endpoint.survey(wrong, { mayBeForeign: true }), { code: 'E_UNSAFE_PATH' });
      await assert.rejects(endpoint.withdraw(wrong), { code: 'E_UNSAFE_PATH' });
      await assert.rejects(endpoint.view(wrong), { code: 'E_UNSAFE_PATH' });
    });

  test('files that would leave a generation or a prefix are refused', async (t) => {
    const { endpoint } = await open(t);
    const draft = await endpoint.begin(place, { id: 'one', date: dateOf(1), signal });

    await assert.rejects(draft.write({ ...fileOf('x'), path: '../x' }), { code: 'E_UNSAFE_PATH' });
    await assert.rejects(endpoint.link('ubuntu', [debFile({ ...deb, path: '../x' })], linking()), {
      code: 'E_UNSAFE_PATH',
    });
    await assert.rejects(endpoint.link('../x', [debFile(deb)], linking()), { code: 'E_UNSAFE_PATH' });
  });

  test('files of others keep their directories', async (t) => {
    const { endpoint, put } = await open(t);
    await publish(endpoint, 'one', 'first');
    await put('ubuntu/dists/README', Buffer.from('theirs'));

    await endpoint.withdraw(place);

    assert.equal(await endpoint.sweep('ubuntu', 'dists'), 1);
  });

  test('prefixes are told apart', async (t) => {
    const { endpoint } = await open(t);

    assert.equal(endpoint.identity('ubuntu'), endpoint.identity('ubuntu'));
    assert.notEqual(endpoint.identity('ubuntu'), endpoint.identity('debian'));
  });
}
