import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { parseRelease } from '../../../src/deb/release.ts';
import { fingerprintOf, makeWorkshop, readRelease, type Workshop } from '../../support/publishing.ts';

const path = 'ubuntu/xenial';

describe('rollback', () => {
  test('brings the previous content back with a newer Date', async (t) => {
    const workshop = await makeWorkshop(t);
    await publishVersions(workshop, ['1.0', '2.0']);
    const before = await releaseDate(workshop);
    workshop.advance(60);

    await workshop.rollback();

    assert.equal(await publishedVersion(workshop), '1.0');
    assert.ok((await releaseDate(workshop)) > before);
    assert.equal((await workshop.verify()).packages, 1);
  });

  test('within the second of the last publish it still has a newer Date', async (t) => {
    const workshop = await makeWorkshop(t);
    await publishVersions(workshop, ['1.0', '2.0']);
    const before = await releaseDate(workshop);
    workshop.clock.now = new Date(workshop.clock.now.getTime() + 990);

    await workshop.rollback();

    assert.equal((await releaseDate(workshop)) - before, 1000);
  });

  test('holds the publication there whatever the mirrors hold, until it is resumed', async (t) => {
    const workshop = await makeWorkshop(t);
    await publishVersions(workshop, ['1.0', '2.0']);
    workshop.advance(60);
    await workshop.rollback();
    const before = await fingerprintOf(workshop.publicDirectory);
    workshop.advance(60);
    await workshop.stock({ main: [{ name: 'hello', version: '3.0' }] });

    const held = await workshop.publish();

    assert.equal(held.outcome, 'held');
    assert.deepEqual(await fingerprintOf(workshop.publicDirectory), before);
    await workshop.catalog.endHold(path);
    assert.equal((await workshop.publish()).outcome, 'published');
    assert.equal(await publishedVersion(workshop), '3.0');
  });

  test('-force publishes the held content again and keeps the hold', async (t) => {
    const workshop = await makeWorkshop(t);
    await publishVersions(workshop, ['1.0', '2.0']);
    workshop.advance(60);
    await workshop.rollback();
    workshop.advance(60);

    const forced = await workshop.publish({ force: true });

    assert.equal(forced.outcome, 'published');
    assert.equal(await publishedVersion(workshop), '1.0');
    assert.equal((await workshop.publish()).outcome, 'held');
  });

  test('a held publication with Valid-Until is signed anew in time', async (t) => {
    const workshop = await makeWorkshop(t, { changes: { validForSeconds: 1000 } });
    await publishVersions(workshop, ['1.0', '2.0']);
    workshop.advance(60);
    await workshop.rollback();
    workshop.advance(600);

    const renewed = await workshop.publish();

    assert.equal(renewed.outcome, 'published');
    assert.equal(await publishedVersion(workshop), '1.0');
  });

  test('a second rollback goes one content further back', async (t) => {
    const workshop = await makeWorkshop(t, { changes: { keepGenerations: 9 } });
    await publishVersions(workshop, ['1.0', '2.0', '3.0']);
    workshop.advance(60);
    await workshop.rollback();
    workshop.advance(60);

    await workshop.rollback();

    assert.equal(await publishedVersion(workshop), '1.0');
  });

  test('-to names any kept generation', async (t) => {
    const workshop = await makeWorkshop(t, { changes: { keepGenerations: 9 } });
    const [first] = await publishVersions(workshop, ['1.0', '2.0', '3.0']);
    workshop.advance(60);

    await workshop.rollback(first);

    assert.equal(await publishedVersion(workshop), '1.0');
  });

  test('without an earlier generation, or to one that is not kept, it is an error that names what there is', async (t) => {
    const workshop = await makeWorkshop(t);

    await assert.rejects(workshop.rollback(), { code: 'E_PUBLICATION_NOT_FOUND' });
    const [first = ''] = await publishVersions(workshop, ['1.0']);
    await assert.rejects(workshop.rollback(), { code: 'E_GENERATION_NOT_FOUND', hint: /keep_generations/ });
    await publishVersions(workshop, ['2.0']);
    await assert.rejects(workshop.rollback('nonsense'), {
      code: 'E_GENERATION_NOT_FOUND',
      hint: new RegExp(first),
    });

    assert.equal(await publishedVersion(workshop), '2.0');
  });

  test('a rollback that died right after the flip still holds', async (t) => {
    const workshop = await makeWorkshop(t);
    await publishVersions(workshop, ['1.0', '2.0']);
    workshop.advance(60);
    const { makeCurrent } = workshop.catalog;
    workshop.catalog.makeCurrent = () => Promise.reject(new Error('killed'));
    await assert.rejects(workshop.rollback(), /killed/);
    workshop.catalog.makeCurrent = makeCurrent;

    const next = await workshop.publish();

    assert.equal(next.outcome, 'held');
    assert.equal(await publishedVersion(workshop), '1.0');
  });
});

async function publishVersions(workshop: Workshop, versions: readonly string[]): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const version of versions) {
    workshop.advance(60);
    await workshop.stock({ main: [{ name: 'hello', version }] });
    ids.push((await workshop.publish()).generation);
  }
  return ids;
}

async function publishedVersion(workshop: Workshop): Promise<string | undefined> {
  const text = await readFile(workshop.at('ubuntu/dists/xenial/main/binary-amd64/Packages'), 'utf8');
  return /^Version: (.*)$/m.exec(text)?.[1];
}

async function releaseDate(workshop: Workshop): Promise<number> {
  return parseRelease(Buffer.from(await readRelease(workshop)), 'Release').date?.getTime() ?? Number.NaN;
}
