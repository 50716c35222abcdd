import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRelease, type Release } from '../../../src/deb/release.ts';
import {
  isEmptyIndex,
  knownIndexId,
  neededIndexes,
  type PackageIndex,
} from '../../../src/mirror/index-files.ts';

const wanted = {
  archiveRoot: 'http://host/debian/',
  distribution: 'sid',
  components: ['main'],
  architectures: ['amd64'],
  downloadSources: false,
  downloadUdebs: false,
  downloadInstaller: false,
};
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

function needed(one: Release, mirror: Parameters<typeof neededIndexes>[1]) {
  const { indexes, warnings } = neededIndexes(one, mirror, { manner: 'strict' });
  return { indexes: indexes.filter((index) => index.kind !== 'installer'), warnings };
}

function indexesOf(one: Release, mirror: Parameters<typeof neededIndexes>[1]): readonly PackageIndex[] {
  const { indexes, warnings } = needed(one, mirror);
  assert.deepEqual(warnings, []);
  return indexes;
}

function paths(indexes: readonly PackageIndex[]): readonly string[] {
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

  const found = indexesOf(one, {
    ...wanted,
    components: ['main', 'universe'],
    architectures: ['amd64', 'i386'],
    downloadSources: true,
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

  const [index] = indexesOf(one, wanted);

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
  const [index] = indexesOf(release([`${main}.gz`]), wanted);

  assert.deepEqual(
    index?.forms.map((form) => form.paths),
    [[`${main}.gz`]],
  );
  assert.equal(index?.plain, undefined);
});

test('what a Release does not offer is named', () => {
  const one = release([main]);

  assert.throws(() => needed(one, { ...wanted, components: ['contrib'] }), {
    code: 'E_COMPONENT_UNKNOWN',
  });
  assert.throws(() => needed(one, { ...wanted, architectures: ['s390x'] }), {
    code: 'E_ARCHITECTURE_UNKNOWN',
  });
  assert.throws(() => needed(one, { ...wanted, components: ['universe'] }), {
    code: 'E_INDEX_NOT_LISTED',
  });
  assert.throws(() => needed(one, { ...wanted, downloadSources: true }), { code: 'E_INDEX_NOT_LISTED' });
});

test('the list of files counts, whatever the fields say', () => {
  const one = release([main], { Components: 'other', Architectures: 'noarch' });

  assert.deepEqual(paths(indexesOf(one, wanted)), [main]);
});

test('an index that is not listed is left out with a warning while others are there', () => {
  const one = release([main, 'universe/binary-i386/Packages', 'main/source/Sources.xz']);
  const both = { components: ['main', 'universe'], architectures: ['amd64', 'i386'], downloadSources: true };

  const { indexes, warnings } = needed(one, { ...wanted, ...both });

  assert.deepEqual(paths(indexes), [main, 'main/source/Sources', 'universe/binary-i386/Packages']);
  assert.deepEqual(
    warnings.map((message) => /lists no (\S+);/.exec(message)?.[1]),
    ['main/binary-i386/Packages', 'universe/binary-amd64/Packages', 'universe/source/Sources'],
  );
});

test('a flat archive has one index for all architectures', () => {
  const one = release(['Packages.gz', 'Sources'], { Components: '', Architectures: '' });
  const flat = { ...wanted, distribution: './' };

  const found = indexesOf(one, { ...flat, architectures: ['amd64', 'arm64'], downloadSources: true });

  assert.deepEqual(paths(found), ['Packages', 'Sources']);
  assert.throws(() => needed(release([main]), flat), { code: 'E_INDEX_NOT_LISTED' });
});

test('a Release that does not say what it offers is judged by its files', () => {
  const one = release([main], { Components: '', Architectures: '' });

  assert.deepEqual(paths(indexesOf(one, wanted)), [main]);
});

test('components with a prefix are asked for with or without it', () => {
  const one = release([main], { Components: 'updates/main' });

  assert.deepEqual(paths(indexesOf(one, wanted)), [main]);
  assert.deepEqual(paths(indexesOf(one, { ...wanted, components: ['updates/main'] })), [main]);
});

test('packages for all architectures that are kept apart are asked for', () => {
  const all = 'main/binary-all/Packages';
  const fields = { Architectures: 'amd64 all' };

  assert.deepEqual(paths(indexesOf(release([main, all], fields), wanted)), [main, all]);
  assert.deepEqual(paths(indexesOf(release([main], fields), wanted)), [main]);
  assert.deepEqual(
    paths(
      indexesOf(release([main, all], { ...fields, 'No-Support-for-Architecture-all': 'Packages' }), wanted),
    ),
    [main],
  );
});

test('an index is known by the digest of its plain form', () => {
  const [index] = indexesOf(release([main, `${main}.gz`]), wanted);

  assert.ok(index !== undefined);
  assert.equal(knownIndexId(index, undefined), digest);
  assert.equal(isEmptyIndex(index), false);
});

test('an index without a plain form is known by a compressed one that did not change', () => {
  const before = release([`${main}.gz`]);
  const [index] = indexesOf(before, wanted);

  assert.ok(index !== undefined);
  assert.equal(knownIndexId(index, undefined), undefined);
  assert.equal(knownIndexId(index, { release: before, indexes: { [main]: 'b' } }), 'b');
  assert.equal(knownIndexId(index, { release: release([]), indexes: { [main]: 'b' } }), undefined);
});
