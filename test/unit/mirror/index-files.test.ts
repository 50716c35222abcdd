import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRelease, type Release } from '../../../src/deb/release.ts';
import {
  isEmptyIndex,
  knownIndexId,
  type NeededIndex,
  neededIndexes,
} from '../../../src/mirror/index-files.ts';

const wanted = { what: 'test', components: ['main'], architectures: ['amd64'], sources: false };
const digest = 'a'.repeat(64);

function release(paths: readonly string[], fields: Readonly<Record<string, string>> = {}): Release {
  const lines = Object.entries({
    Date: 'Sat, 01 Jun 2024 12:00:00 UTC',
    Components: 'main universe',
    Architectures: 'amd64 i386',
    ...fields,
  });
  const text = lines.map(([name, value]) => (value === '' ? '' : `${name}: ${value}\n`)).join('');
  const files = paths.map((path) => ` ${digest} 10 ${path}\n`).join('');
  return parseRelease(Buffer.from(`${text}SHA256:\n${files}`), 'test');
}

function paths(indexes: readonly NeededIndex[]): readonly string[] {
  return indexes.map(({ path }) => path);
}

const main = 'main/binary-amd64/Packages';

test('each component and architecture has its index, and its sources on demand', () => {
  const one = release([
    main,
    'main/binary-i386/Packages',
    'universe/binary-amd64/Packages',
    'universe/binary-i386/Packages',
    'main/source/Sources',
    'universe/source/Sources.gz',
  ]);

  const found = neededIndexes(one, {
    ...wanted,
    components: ['main', 'universe'],
    architectures: ['amd64', 'i386'],
    sources: true,
  });

  assert.deepEqual(paths(found), [
    main,
    'main/binary-i386/Packages',
    'main/source/Sources',
    'universe/binary-amd64/Packages',
    'universe/binary-i386/Packages',
    'universe/source/Sources',
  ]);
});

test('forms come best first, each by hash and then by name', () => {
  const one = release([main, `${main}.bz2`, `${main}.gz`, `${main}.xz`], { 'Acquire-By-Hash': 'yes' });

  const [index] = neededIndexes(one, wanted);

  const byHash = `main/binary-amd64/by-hash/SHA256/${digest}`;
  assert.deepEqual(
    index?.forms.map((form) => form.paths),
    [
      [byHash, `${main}.gz`],
      [byHash, `${main}.xz`],
      [byHash, `${main}.bz2`],
      [byHash, main],
    ],
  );
});

test('without by-hash the names are all there is', () => {
  const [index] = neededIndexes(release([`${main}.gz`]), wanted);

  assert.deepEqual(
    index?.forms.map((form) => form.paths),
    [[`${main}.gz`]],
  );
  assert.equal(index?.plain, undefined);
});

test('what a Release does not offer is named', () => {
  const one = release([main]);

  assert.throws(() => neededIndexes(one, { ...wanted, components: ['contrib'] }), {
    code: 'E_COMPONENT_UNKNOWN',
  });
  assert.throws(() => neededIndexes(one, { ...wanted, architectures: ['s390x'] }), {
    code: 'E_ARCHITECTURE_UNKNOWN',
  });
  assert.throws(() => neededIndexes(one, { ...wanted, components: ['universe'] }), {
    code: 'E_INDEX_NOT_LISTED',
  });
  assert.throws(() => neededIndexes(one, { ...wanted, sources: true }), { code: 'E_INDEX_NOT_LISTED' });
});

test('a Release that does not say what it offers is judged by its files', () => {
  const one = release([main], { Components: '', Architectures: '' });

  assert.deepEqual(paths(neededIndexes(one, wanted)), [main]);
});

test('components with a prefix are asked for with or without it', () => {
  const one = release([main], { Components: 'updates/main' });

  assert.deepEqual(paths(neededIndexes(one, wanted)), [main]);
  assert.deepEqual(paths(neededIndexes(one, { ...wanted, components: ['updates/main'] })), [main]);
});

test('packages for all architectures that are kept apart are asked for', () => {
  const all = 'main/binary-all/Packages';
  const fields = { Architectures: 'amd64 all' };

  assert.deepEqual(paths(neededIndexes(release([main, all], fields), wanted)), [main, all]);
  assert.deepEqual(paths(neededIndexes(release([main], fields), wanted)), [main]);
  assert.deepEqual(
    paths(
      neededIndexes(
        release([main, all], { ...fields, 'No-Support-for-Architecture-all': 'Packages' }),
        wanted,
      ),
    ),
    [main],
  );
});

test('an index is known by the digest of its plain form', () => {
  const [index] = neededIndexes(release([main, `${main}.gz`]), wanted);

  assert.ok(index !== undefined);
  assert.equal(knownIndexId(index, undefined), digest);
  assert.equal(isEmptyIndex(index), false);
});

test('an index without a plain form is known by a compressed one that did not change', () => {
  const before = release([`${main}.gz`]);
  const [index] = neededIndexes(before, wanted);

  assert.ok(index !== undefined);
  assert.equal(knownIndexId(index, undefined), undefined);
  assert.equal(knownIndexId(index, { release: before, indexes: { [main]: 'b' } }), 'b');
  assert.equal(knownIndexId(index, { release: release([]), indexes: { [main]: 'b' } }), undefined);
});
