import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type {
  Catalog,
  GenerationRecord,
  PackageRecord,
  PublicationPlace,
} from '../../src/catalog/contract.ts';
import { makeMirrorObject, makePublicationObject, makeRepoObject } from '../builders/library-objects.ts';

/** Opens a catalog of the test; several calls in one test open the same one, as several processes do. */
export type OpenCatalog = (context: TestContext) => Promise<() => Promise<Catalog>>;

const place: PublicationPlace = {
  path: 'ubuntu/xenial',
  storage: '',
  prefix: 'ubuntu',
  distribution: 'xenial',
};

const origin = { place: 'db', sequence: 1, fingerprint: 'as it is' };

/** Every catalog keeps these promises. */
export function catalogSuite(what: string, prepare: OpenCatalog): void {
  describe(what, () => {
    test('an empty catalog has nothing and knows no list', async (t) => {
      const catalog = await (await prepare(t))();

      const all = [await catalog.objects.all('mirror'), await catalog.publications()];

      assert.deepEqual(all, [[], []]);
      assert.equal(await catalog.objects.find('mirror', 'none'), undefined);
      await assert.rejects(catalog.packages('none'), { code: 'E_CATALOG' });
    });

    test('a list gives back exactly what was kept', async (t) => {
      const catalog = await (await prepare(t))();
      const packages = [
        record('aa'),
        record('bb', { stanza: Buffer.from('Package: bb\nX-Bytes: \xff\xfe', 'latin1') }),
      ];

      const list = await catalog.keepList(packages);

      assert.deepEqual(byName(await catalog.packages(list)), packages);
      assert.equal(await catalog.listSize(list), 2);
    });

    test('each package has its own stanza and files, in whatever order they are asked for', async (t) => {
      const catalog = await (await prepare(t))();
      const names = Array.from({ length: 300 }, (_, at) => `p${String((at * 7) % 300).padStart(3, '0')}`);
      const all = await catalog.keepList(names.map((name) => record(name, ownBody(name))));
      const few = await catalog.keepList(names.slice(0, 50).map((name) => record(name, ownBody(name))));

      const members = byName(await catalog.packages(all));
      const others = byName(await catalog.packages(few));

      const every = (step: number): readonly PackageRecord[] => members.filter((_, at) => at % step === 0);
      const halves = members.slice(0, 150).flatMap((one, at) => [one, members[at + 150] ?? one]);
      const mixed = others.flatMap((one, at) => [one, members[at] ?? one]);
      for (const walk of [members, members.toReversed(), every(3), every(40), halves, mixed])
        for (const { name, stanza, files } of walk)
          assert.deepEqual({ stanza: Buffer.from(stanza), files }, ownBody(name));
    });

    test('the id of a list is that of its content, not of its order, repeats or catalog', async (t) => {
      const one = await (await prepare(t))();
      const other = await (await prepare(t))();
      await other.keepList([record('zz')]);

      const ids = [
        await one.keepList([record('aa'), record('bb')]),
        await one.keepList([record('bb'), record('aa'), record('bb')]),
        await other.keepList([record('bb'), record('aa')]),
      ];

      assert.equal(new Set(ids).size, 1);
      assert.equal(await one.listSize(ids[0] ?? ''), 2);
    });

    test('one key with two stanzas is two members', async (t) => {
      const catalog = await (await prepare(t))();

      const list = await catalog.keepList([
        record('aa'),
        record('aa', { stanza: Buffer.from('Package: other') }),
      ]);

      assert.equal((await catalog.packages(list)).length, 2);
    });

    test('a change keeps the lists that it refers to, together with its objects, or neither', async (t) => {
      const catalog = await (await prepare(t))();
      const sizes: number[] = [];

      await catalog.objects.change((lists) => {
        const [main, extra] = [lists.keep([record('aa'), record('bb')]), lists.keep([record('bb')])];
        sizes.push(lists.sizeOfAll([main, extra]));
        const object = makeMirrorObject({ list: lists.union([main, extra]), lists: { main, extra } });
        return [{ save: 'mirror', object }];
      });
      const failed = catalog.objects.change((lists) => {
        lists.keep([record('cc')]);
        return [{ save: 'mirror', object: makeMirrorObject({ uuid: 'another' }) }];
      });

      await assert.rejects(failed, { code: 'E_NAME_TAKEN' });
      const mirror = await catalog.objects.find('mirror', 'sid');
      const kept = [mirror?.list, mirror?.lists?.['main'], mirror?.lists?.['extra']];
      assert.deepEqual(await Promise.all(kept.map((list) => catalog.listSize(list ?? ''))), [2, 2, 1]);
      assert.deepEqual(sizes, [2]);
      assert.deepEqual(
        (await catalog.objects.allPackages()).map(({ name }) => name),
        ['aa', 'bb'],
      );
    });

    test('a generation is current when it is made so, with its hold; the former one is superseded', async (t) => {
      const catalog = await (await prepare(t))();
      const hold = { since: 5, generation: 'g1' };
      await catalog.addGeneration(place, generation('g1', 1000));
      await catalog.addGeneration(place, { ...generation('g2', 2000), hold });
      await catalog.makeCurrent(place.path, 'g1', 1000);

      await catalog.makeCurrent(place.path, 'g2', 2000);

      assert.deepEqual(await catalog.publication(place.path), { ...place, current: 'g2', hold });
      const generations = await catalog.generations(place.path);
      assert.deepEqual(
        generations.map(({ id, supersededAt }) => [id, supersededAt]),
        [
          ['g2', null],
          ['g1', 2000],
        ],
      );
      assert.deepEqual(generations[1], { ...generation('g1', 1000), supersededAt: 2000 });
    });

    test('a generation and what is saved with it are remembered together, or neither', async (t) => {
      const catalog = await (await prepare(t))();
      const { object } = generation('g1', 1000);
      const taken = { ...object, uuid: 'another' };

      await catalog.addGeneration(place, generation('g1', 1000), [{ save: 'publication', object }]);
      const both = catalog.addGeneration(place, generation('g2', 2000), [
        { save: 'publication', object: taken },
      ]);

      await assert.rejects(both, { code: 'E_NAME_TAKEN' });
      assert.deepEqual(await catalog.objects.find('publication', object.name), object);
      assert.deepEqual(
        (await catalog.generations(place.path)).map(({ id }) => id),
        ['g1'],
      );
    });

    test('a hold ends; generations are dropped; an unknown one cannot become current', async (t) => {
      const catalog = await (await prepare(t))();
      await catalog.addGeneration(place, {
        ...generation('g1', 1000),
        hold: { since: 1, generation: 'g0' },
      });
      await catalog.makeCurrent(place.path, 'g1', 1000);
      await catalog.addGeneration(place, generation('g2', 2000));

      await catalog.endHold(place.path);
      await catalog.dropGenerations(place.path, ['g2']);

      assert.equal((await catalog.publication(place.path))?.hold, null);
      assert.equal((await catalog.generations(place.path)).length, 1);
      await assert.rejects(catalog.makeCurrent(place.path, 'g2', 1), { code: 'E_CATALOG' });
    });

    test('indexes that no mirror refers to are forgotten', async (t) => {
      const catalog = await (await prepare(t))();
      await catalog.rememberIndex({ sha256: 'used', size: 1 });
      await catalog.rememberIndex({ sha256: 'unused', size: 2 });
      const object = makeMirrorObject({ indexes: { 'main/binary-amd64/Packages': 'used' } });
      await catalog.objects.change([{ save: 'mirror', object }]);

      const forgotten = await catalog.forgetUnusedIndexes();

      assert.deepEqual(forgotten, [{ sha256: 'unused', size: 2 }]);
      assert.deepEqual(await catalog.storedIndex('used'), { sha256: 'used', size: 1 });
      assert.equal(await catalog.storedIndex('unused'), undefined);
    });

    test('the ledger remembers, replaces and forgets', async (t) => {
      const { ledger } = await (await prepare(t))();
      const entry = { size: 1, mtimeMs: 1234.5678, inode: 42, sha256: 'aa' };

      ledger.remember('a/b', { ...entry, size: 2 });
      ledger.remember('a/b', entry);

      assert.deepEqual(ledger.recall('a/b'), entry);
      ledger.forget('a/b');
      assert.equal(ledger.recall('a/b'), undefined);
    });

    test('the ledger forgets some files, or all but some, at once', async (t) => {
      const { ledger } = await (await prepare(t))();
      const entry = { size: 1, mtimeMs: 1234.5678, inode: 42, sha256: 'aa' };
      const known = (): readonly string[] =>
        ['a', 'b', 'c'].filter((one) => ledger.recall(one) !== undefined);
      ledger.rememberAll(new Map(['a', 'b', 'c'].map((path) => [path, entry])));

      ledger.forgetAll(['a', 'unknown']);
      const afterSome = known();
      ledger.forgetAllBut(new Set(['c']));

      assert.deepEqual(afterSome, ['b', 'c']);
      assert.deepEqual(known(), ['c']);
    });

    test('what is adopted comes at once: packages, their contents, lists and objects', async (t) => {
      const open = await prepare(t);
      const catalog = await open();
      const other = await open();
      await catalog.keepList([record('aa')]);
      const seen: string[] = [];
      const packages = async function* () {
        yield [{ record: record('aa'), contents: ['bin/aa'] }];
        seen.push(...(await other.objects.allPackages()).map(({ name }) => name));
        yield [{ record: record('bb'), contents: undefined }];
      };

      await catalog.objects.adopt(
        packages(),
        (keep) => [{ save: 'repo', object: makeRepoObject({ list: keep([1, 0]) }) }],
        origin,
      );

      assert.deepEqual(seen, ['aa']);
      assert.deepEqual(await other.objects.adopted('db'), origin);
      const repo = await other.objects.find('repo', 'r1');
      assert.equal(repo?.list, await catalog.keepList([record('aa'), record('bb')]));
      assert.deepEqual(byName(await other.packages(repo?.list ?? '')), [record('aa'), record('bb')]);
      assert.deepEqual(await other.objects.contents(record('aa').key), ['bin/aa']);
    });

    test('an adoption that fails leaves nothing, and another one can follow', async (t) => {
      const catalog = await (await prepare(t))();
      const packages = async function* () {
        yield [{ record: record('aa'), contents: undefined }];
      };
      const objects = ['0', '1'].map((uuid) => ({ save: 'repo', object: makeRepoObject({ uuid }) }) as const);

      await assert.rejects(
        catalog.objects.adopt(packages(), () => objects, origin),
        { code: 'E_NAME_TAKEN' },
      );
      const after = [
        await catalog.objects.allPackages(),
        await catalog.objects.all('repo'),
        await catalog.objects.adopted('db'),
      ];
      await catalog.objects.adopt(packages(), () => [], origin);

      assert.deepEqual(after, [[], [], undefined]);
      assert.equal((await catalog.objects.allPackages()).length, 1);
    });

    test('how an adopted database looks now replaces how it looked', async (t) => {
      const catalog = await (await prepare(t))();
      const now = { ...origin, sequence: 2 ** 50, fingerprint: 'other' };

      await catalog.objects.rememberAdopted(origin);
      await catalog.objects.rememberAdopted(now);

      assert.deepEqual(await catalog.objects.adopted('db'), now);
    });

    test('what one process has committed another one sees', async (t) => {
      const open = await prepare(t);
      const [writer, reader] = [await open(), await open()];

      const list = await writer.keepList([record('aa')]);

      assert.equal((await reader.packages(list)).length, 1);
    });

    test('packages of the catalog are kept again as the list that they came from', async (t) => {
      const open = await prepare(t);
      const [one, other] = [await open(), await open()];
      const provider = record('bb', { stanza: Buffer.from('Package: bb\nProvides: virtual (= 2)\n') });
      const list = await one.keepList([record('aa'), provider]);
      const kept = await one.packages(list);

      await other.keepList([record('cc')]);
      const again = [await one.keepList(kept), await one.keepList((await one.packages(list)).toReversed())];

      assert.deepEqual(again, [list, list]);
      assert.deepEqual(
        kept.map(({ name, provides }) => [name, provides]),
        [
          ['aa', ''],
          ['bb', 'virtual (= 2)'],
        ],
      );
    });

    test('several processes that write at once all get through', async (t) => {
      const open = await prepare(t);
      const catalogs = await Promise.all(Array.from({ length: 4 }, open));

      await Promise.all(
        catalogs.flatMap((catalog, at) =>
          Array.from({ length: 10 }, (_, round) =>
            catalog.objects.change((lists) => {
              const names = { uuid: `${at}`, name: `mirror-${at}` };
              const object = makeMirrorObject({ ...names, list: lists.keep([record(`p${round}`)]) });
              return [{ save: 'mirror', object }];
            }),
          ),
        ),
      );

      assert.equal((await catalogs[0]?.objects.all('mirror'))?.length, 4);
    });
  });
}

function record(name: string, changes: Partial<PackageRecord> = {}): PackageRecord {
  return {
    key: `Pamd64 ${name} 1.0 0123456789abcdef`,
    kind: 'deb',
    name,
    version: '1.0',
    architecture: 'amd64',
    stanza: Buffer.from(`Package: ${name}\n`),
    files: [{ name: `${name}.deb`, size: 1, digests: { sha256: 'ab' }, poolPath: `a/b/${name}.deb` }],
    ...changes,
  };
}

function generation(id: string, date: number): GenerationRecord {
  return {
    id,
    publication: place.path,
    inputId: `input-${id}`,
    date,
    supersededAt: null,
    hold: null,
    packages: 1,
    components: [{ name: 'main', list: 'l', source: 'u', sourceName: 's' }],
    object: makePublicationObject({ name: place.path }),
    settings: {
      architectures: ['amd64'],
      origin: 'o',
      label: 'l',
      suite: 's',
      codename: 'c',
      description: 'd',
      notAutomatic: null,
      butAutomaticUpgrades: null,
      acquireByHash: true,
      validForSeconds: null,
      version: null,
      signedBy: null,
      signers: [],
      forms: ['gz'],
      contents: false,
      multiDist: false,
    },
  };
}

/** By name, with all that is read when it is asked for. */
function ownBody(name: string): Pick<PackageRecord, 'stanza' | 'files'> {
  const file = { name: `${name}.deb`, size: 1, digests: { sha256: name }, poolPath: `aa/${name}` };
  return { stanza: Buffer.from(`Package: ${name}\n`), files: [file] };
}

function byName(records: readonly PackageRecord[]): readonly PackageRecord[] {
  return records
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ key, kind, name, version, architecture, stanza, files }) => ({
      key,
      kind,
      name,
      version,
      architecture,
      stanza,
      files,
    }));
}
