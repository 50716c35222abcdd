import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestsOf } from '../../src/core/digest.ts';
import { collect } from '../support/collect.ts';
import {
  byHash,
  clientSees,
  dateOf,
  fileOf,
  index,
  leftOf,
  type OpenEndpoint,
  place,
  publish,
  releaseOf,
  seal,
  signal,
  streamed,
  textOf,
} from './endpoint-under-test.ts';

/** Trees: begun, sealed, committed, carried on, discarded and retained. */
export function generationPromises(open: OpenEndpoint): void {
  test('a place where nothing was published has nothing', async (t) => {
    const { endpoint } = await open(t);

    const survey = await endpoint.survey(place, { mayBeForeign: false });
    const view = await endpoint.view(place);

    assert.deepEqual(survey, { visible: { kind: 'nothing' }, generations: [] });
    assert.equal(view.identity, undefined);
    assert.equal(await view.open('dists/xenial/Release'), undefined);
    assert.deepEqual(await collect(endpoint.files(place, signal)), []);
    assert.equal(await endpoint.sweep('ubuntu', 'dists'), 0);
  });

  test('clients see nothing of a generation before it is committed, and all of it afterwards', async (t) => {
    const { endpoint, get } = await open(t);
    await seal(endpoint, 'one', 'first');
    const before = await get('ubuntu/dists/xenial/InRelease');

    await endpoint.commit(place, 'one', { takesOver: false });

    assert.equal(before, undefined);
    assert.equal(await clientSees(get), 'first');
    assert.equal(String(await get('ubuntu/dists/xenial/main/extra')), 'not listed');
    assert.deepEqual(await endpoint.survey(place, { mayBeForeign: false }), {
      visible: { kind: 'generation', id: 'one' },
      generations: ['one'],
    });
  });

  test('a generation that was visible before becomes it again: its InRelease is put again', async (t) => {
    const { endpoint, get } = await open(t);
    await publish(endpoint, 'one', 'first');
    await publish(endpoint, 'two', 'second', { keeps: true });
    const second = await clientSees(get);

    await endpoint.commit(place, 'one', { takesOver: false });

    assert.deepEqual([second, await clientSees(get)], ['second', 'first']);
    const { visible, generations } = await endpoint.survey(place, { mayBeForeign: false });
    assert.deepEqual(visible, { kind: 'generation', id: 'one' });
    assert.deepEqual([...generations].sort(), ['one', 'two']);
  });

  test('an unsigned generation takes the place of a signed one', async (t) => {
    const { endpoint, get } = await open(t);
    await publish(endpoint, 'one', 'first');

    await publish(endpoint, 'two', 'second', { isSigned: false });

    assert.equal(await get('ubuntu/dists/xenial/InRelease'), undefined);
    assert.equal(await clientSees(get), 'second');
    const { visible } = await endpoint.survey(place, { mayBeForeign: false });
    assert.deepEqual(visible, { kind: 'generation', id: 'two' });
  });

  test('what is carried can be had by hash; what is not goes with its generation', async (t) => {
    const { endpoint, get } = await open(t);
    await publish(endpoint, 'one', 'first');
    const listed = digestsOf(Buffer.from('first'));

    await publish(endpoint, 'two', 'second', { carries: ['one'] });
    const carried = await get(`ubuntu/dists/xenial/${byHash(listed)}`);
    await publish(endpoint, 'three', 'third', { carries: ['two'] });

    assert.equal(String(carried), 'first');
    assert.equal(await get(`ubuntu/dists/xenial/${byHash(listed)}`), undefined);
    assert.equal(
      String(await get(`ubuntu/dists/xenial/${byHash(digestsOf(Buffer.from('second')))}`)),
      'second',
    );
  });

  test('a file of another generation is taken as it is', async (t) => {
    const { endpoint, get } = await open(t);
    await publish(endpoint, 'one', 'first');
    const facts = digestsOf(Buffer.from('first'));
    const draft = await endpoint.begin(place, { id: 'two', date: dateOf(2), signal });

    const other = digestsOf(Buffer.from('fir5t'));
    const taken = [
      await draft.reuse({ path: 'main/none', facts, byHash: false }, 'one'),
      await draft.reuse({ path: index, facts: other, byHash: true }, 'one'),
      await draft.reuse({ path: index, facts, byHash: true }, 'one'),
    ];
    await draft.seal(releaseOf(new Map([[index, facts]]), { isSigned: true }));
    await endpoint.commit(place, 'two', { takesOver: false });
    await endpoint.retain(place, ['two']);

    assert.equal(await clientSees(get), 'first');
    assert.deepEqual(taken, [false, false, true]);
  });

  test('content comes from pieces, from a file, and from what can only be read', async (t) => {
    const { endpoint, get } = await open(t);
    const draft = await endpoint.begin(place, { id: 'one', date: dateOf(1), signal });
    const bytes = Buffer.from('streamed');
    const facts = digestsOf(bytes);

    await draft.write({ path: 'main/read', content: streamed(bytes), facts, byHash: true });
    await draft.write({
      path: 'main/pieces',
      content: [Buffer.from('stre'), Buffer.from('amed')],
      facts,
      byHash: false,
    });
    await draft.seal(releaseOf(new Map([['main/read', facts]]), { isSigned: false }));
    await endpoint.commit(place, 'one', { takesOver: false });

    for (const name of ['main/read', 'main/pieces'])
      assert.equal(String(await get(`ubuntu/dists/xenial/${name}`)), 'streamed');
  });

  test('a discarded draft leaves nothing, and its id may be used again', async (t) => {
    const { endpoint, get } = await open(t);
    const draft = await endpoint.begin(place, { id: 'one', date: dateOf(1), signal });
    await draft.write(fileOf('draft'));

    await draft.discard();

    assert.deepEqual(await collect(endpoint.files(place, signal)), []);
    await publish(endpoint, 'one', 'first');
    assert.equal(await clientSees(get), 'first');
  });

  test('a view stays with its tree while others are committed, and tells them apart', async (t) => {
    const { endpoint } = await open(t);
    await publish(endpoint, 'one', 'first');
    const view = await endpoint.view(place);

    await seal(endpoint, 'two', 'second');
    await endpoint.commit(place, 'two', { takesOver: false });
    const next = await endpoint.view(place);

    assert.equal(await textOf(view, `dists/xenial/${index}`), 'first');
    assert.equal(await textOf(next, `dists/xenial/${index}`), 'second');
    assert.notEqual(view.identity, next.identity);
    assert.equal((await endpoint.view(place)).identity, next.identity);
  });

  test('only what is kept stays', async (t) => {
    const { endpoint } = await open(t);
    for (const id of ['one', 'two', 'three']) await publish(endpoint, id, id, { keeps: true });
    await endpoint.begin(place, { id: 'begun', date: dateOf(9), signal });

    await endpoint.retain(place, ['two', 'three']);

    const { generations } = await endpoint.survey(place, { mayBeForeign: false });
    assert.deepEqual([...generations].sort(), ['three', 'two']);
    assert.deepEqual(await leftOf(endpoint, ['two', 'three']), []);
  });
}
