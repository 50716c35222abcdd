import assert from 'node:assert/strict';
import { lstat, mkdir, readdir, readFile, readlink, rm, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import lzma from 'lzma-native';
import { digestsOf } from '../../../src/core/digest.ts';
import { parseRelease } from '../../../src/deb/release.ts';
import { poolRoot } from '../../support/pool-paths.ts';
import { fingerprintOf, listFiles, makeWorkshop, readRelease } from '../../support/publishing.ts';

const dist = 'ubuntu/dists/xenial';

describe('publish', () => {
  test('the tree has every index in three forms, empty ones too, and Release describes each', async (t) => {
    const workshop = await makeWorkshop(t);
    await workshop.stock({ main: [{ name: 'hello' }], universe: [{ name: 'world', architecture: 'all' }] });

    await workshop.publish();

    const release = parseRelease(await readFile(workshop.at(`${dist}/Release`)), 'Release');
    const forms = ['Packages', 'Packages.gz', 'Packages.xz', 'Release'];
    const expected = ['main', 'universe'].flatMap((component) =>
      ['amd64', 'i386'].flatMap((arch) => forms.map((form) => `${component}/binary-${arch}/${form}`)),
    );
    assert.deepEqual([...release.files.keys()].sort(), expected.sort());
    for (const [path, facts] of release.files) {
      const bytes = await readFile(workshop.at(`${dist}/${path}`));
      assert.deepEqual(digestsOf(bytes), facts);
    }
    const plain = await readFile(workshop.at(`${dist}/main/binary-amd64/Packages`));
    assert.deepEqual(gunzipSync(await readFile(workshop.at(`${dist}/main/binary-amd64/Packages.gz`))), plain);
    const xz = await readFile(workshop.at(`${dist}/main/binary-amd64/Packages.xz`));
    assert.deepEqual(await lzma.decompress(xz), plain);
    assert.equal((await readFile(workshop.at(`${dist}/main/binary-i386/Packages`))).byteLength, 0);
  });

  test("packages have aptly's paths and are the very inodes of the pool", async (t) => {
    const workshop = await makeWorkshop(t);
    await workshop.stock({
      main: [
        { name: 'libfoo1', fields: { Source: 'libfoo (2.0)' } },
        { name: 'hello', version: '1:2.0-1' },
      ],
    });

    await workshop.publish();

    const files = await listFiles(workshop.at('ubuntu/pool'));
    assert.deepEqual(files, ['main/h/hello/hello_2.0-1_amd64.deb', 'main/libf/libfoo/libfoo1_1.0_amd64.deb']);
    for (const file of files) {
      const published = await stat(workshop.at(`ubuntu/pool/${file}`));
      const pooled = await stat(await pooledTwin(poolRoot(workshop.pool), basename(file)));
      assert.equal(published.ino, pooled.ino);
    }
  });

  test('refuses a place that is published by hand, also by another name of the same directory', async (t) => {
    const workshop = await makeWorkshop(t);
    await workshop.stock({ main: [{ name: 'hello' }] });
    await workshop.publish();
    const { objects } = workshop.catalog;
    const object = await objects.find('publication', 'ubuntu/xenial');
    assert.ok(object);
    const byHand = { ...object, uuid: 'by-hand', managedBy: null, storage: 'filesystem:x' };
    await objects.change([
      { save: 'publication', object: { ...byHand, name: 'filesystem:x:ubuntu/xenial' } },
    ]);
    const endpoint = workshop.deps.endpoints.of('');
    const deps = { ...workshop.deps, endpoints: { of: () => endpoint } };

    await workshop.publish({ force: true });
    const publishing = workshop.publish({ force: true, deps });

    await assert.rejects(publishing, {
      code: 'E_PUBLISH_CONFLICT',
      message: 'publication mirror: filesystem:x:ubuntu/xenial is published by hand already',
      hint: /publish drop xenial filesystem:x:ubuntu"/,
    });
  });

  test('what is published is readable by everybody, whatever the umask', async (t) => {
    const workshop = await makeWorkshop(t);
    const before = process.umask(0o077);
    t.after(() => process.umask(before));
    await workshop.stock({ main: [{ name: 'hello' }] });

    await workshop.publish();

    const entries = await readdir(workshop.at('ubuntu'), { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      if (entry.isSymbolicLink()) continue;
      const { mode } = await stat(join(entry.parentPath, entry.name));
      assert.equal((mode & 0o777).toString(8), entry.isDirectory() ? '755' : '644', entry.name);
    }
  });

  test('what the configuration keeps otherwise is saved although the tree stays as it is', async (t) => {
    const workshop = await makeWorkshop(t);
    await workshop.stock({ main: [{ name: 'hello' }] });
    await workshop.publish();
    const { objects } = workshop.catalog;
    const before = await objects.find('publication', 'ubuntu/xenial');

    const { outcome } = await workshop.publish({ changes: { keepGenerations: 7 } });

    const after = await objects.find('publication', 'ubuntu/xenial');
    assert.ok(before?.policy);
    assert.equal(outcome, 'unchanged');
    assert.deepEqual(after, { ...before, policy: { ...before.policy, keepGenerations: 7 } });
  });

  test('a distribution inside one that was made by hand is refused', async (t) => {
    const workshop = await makeWorkshop(t);
    await workshop.stock({ main: [{ name: 'hello' }] });
    await workshop.publish();
    const { objects } = workshop.catalog;
    const object = await objects.find('publication', 'ubuntu/xenial');
    assert.ok(object);
    await objects.change([{ save: 'publication', object: { ...object, managedBy: null } }]);

    const publishing = workshop.publish({ changes: { distribution: 'xenial/updates' } });

    await assert.rejects(publishing, { code: 'E_PUBLISH_CONFLICT', message: /one is inside the other$/ });
  });

  test('unchanged input touches nothing', async (t) => {
    const workshop = await makeWorkshop(t);
    await workshop.stock({ main: [{ name: 'hello' }] });
    const first = await workshop.publish();
    const before = await fingerprintOf(workshop.publicDirectory);
    const generations = await workshop.catalog.generations('ubuntu/xenial');
    workshop.advance(600);

    const second = await workshop.publish();

    assert.deepEqual(second, { ...first, outcome: 'unchanged' });
    assert.deepEqual(await fingerprintOf(workshop.publicDirectory), before);
    assert.deepEqual(await workshop.catalog.generations('ubuntu/xenial'), generations);
    assert.equal((await workshop.catalog.objects.all('snapshot')).length, 1);
  });

  test('each new content is recorded as a snapshot; content that comes back is the old one', async (t) => {
    const workshop = await makeWorkshop(t);
    const old = { main: [{ name: 'hello' }] };
    await workshop.stock(old);
    const first = await workshop.publish();
    workshop.advance(60);
    await workshop.stock({ main: [{ name: 'hello', version: '2.0' }] });
    const second = await workshop.publish();
    workshop.advance(60);
    await workshop.stock(old);

    const third = await workshop.publish();

    assert.deepEqual(third.snapshots, first.snapshots);
    assert.notDeepEqual(second.snapshots, first.snapshots);
    assert.equal((await workshop.catalog.objects.all('snapshot')).length, 2);
  });

  test('the same content has the same ids in another root, in whatever order it came', async (t) => {
    const [one, other] = [await makeWorkshop(t), await makeWorkshop(t)];
    await other.stock({ main: [{ name: 'something-else' }] });
    await one.stock({ main: [{ name: 'aa' }, { name: 'bb' }] });
    await other.stock({ main: [{ name: 'bb' }, { name: 'aa' }] });

    const ids = [(await one.publish()).generation, (await other.publish()).generation];

    assert.equal(ids[0], ids[1]);
    assert.deepEqual(
      (await one.catalog.objects.all('snapshot')).map(({ list }) => list),
      (await other.catalog.objects.all('snapshot')).map(({ list }) => list),
    );
    assert.deepEqual(
      await readFile(one.at(`${dist}/InRelease`)),
      await readFile(other.at(`${dist}/InRelease`)),
    );
  });

  test('a second publication shares the prefix and its pool', async (t) => {
    const workshop = await makeWorkshop(t);
    await workshop.stock({ main: [{ name: 'hello' }] });
    await workshop.publish();

    await workshop.publish({ changes: { name: 'second', distribution: 'xenial-test' } });

    await workshop.verify();
    await workshop.verify({ distribution: 'xenial-test' });
    assert.equal((await listFiles(workshop.at('ubuntu/pool'))).length, 1);
  });

  test('a distribution with a slash in its name is a link of the right depth', async (t) => {
    const workshop = await makeWorkshop(t, { changes: { distribution: 'xenial/updates' } });
    await workshop.stock({ main: [{ name: 'hello' }] });

    const { generation } = await workshop.publish();

    const target = await readlink(workshop.at('ubuntu/dists/xenial/updates'));
    assert.equal(target, `../.espejo/xenial%2Fupdates/${generation}`);
    assert.equal((await workshop.verify()).packages, 1);
  });

  test('a distribution inside a published one is refused and harms neither', async (t) => {
    const workshop = await makeWorkshop(t);
    await workshop.stock({ main: [{ name: 'hello' }] });
    await workshop.publish();

    await assert.rejects(workshop.publish({ changes: { distribution: 'xenial/updates' } }), {
      code: 'E_PUBLISH_CONFLICT',
      message: /dists\/xenial: is taken/,
    });

    await workshop.verify();
  });

  test('an empty component is published with empty indexes', async (t) => {
    const workshop = await makeWorkshop(t);
    await workshop.stock({ main: [] });

    const { packages } = await workshop.publish();

    assert.equal(packages, 0);
    assert.equal((await readFile(workshop.at(`${dist}/main/binary-amd64/Packages`))).length, 0);
    assert.equal((await workshop.verify()).packages, 0);
    assert.match(await readRelease(workshop), /^Architectures: amd64 i386$/m);
  });

  test('a tree that espejo did not publish is left alone', async (t) => {
    const workshop = await makeWorkshop(t);
    await workshop.stock({ main: [{ name: 'hello' }] });
    await mkdir(workshop.at(dist), { recursive: true });

    await assert.rejects(workshop.publish(), { code: 'E_PUBLISH_CONFLICT' });

    assert.ok((await lstat(workshop.at(dist))).isDirectory());
  });

  test('a publication that lost its link is published again', async (t) => {
    const workshop = await makeWorkshop(t);
    await workshop.stock({ main: [{ name: 'hello' }] });
    await workshop.publish();
    await rm(workshop.at(dist));

    const again = await workshop.publish();

    assert.equal(again.outcome, 'published');
    await workshop.verify();
  });

  test('a link that was set back by hand is believed, then followed by the next content', async (t) => {
    const workshop = await makeWorkshop(t);
    await workshop.stock({ main: [{ name: 'hello' }] });
    const first = await workshop.publish();
    workshop.advance(60);
    await workshop.stock({ main: [{ name: 'hello', version: '2.0' }] });
    await workshop.publish();
    await rm(workshop.at(dist));
    await symlink(`.espejo/xenial/${first.generation}`, workshop.at(dist));

    const third = await workshop.publish();

    assert.equal(third.outcome, 'published');
    assert.match(await readFile(workshop.at(`${dist}/main/binary-amd64/Packages`), 'utf8'), /Version: 2\.0/);
  });

  test('architectures that are not published are not linked', async (t) => {
    const workshop = await makeWorkshop(t, { changes: { architectures: ['amd64'] } });
    await workshop.stock({ main: [{ name: 'hello' }, { name: 'hello', architecture: 'i386' }] });

    const { packages } = await workshop.publish();

    assert.equal(packages, 1);
    assert.deepEqual(await listFiles(workshop.at('ubuntu/pool')), ['main/h/hello/hello_1.0_amd64.deb']);
    assert.match(await readRelease(workshop), /^Architectures: amd64$/m);
  });

  test('a file that changes without its version gets a directory of its own while the old one is kept', async (t) => {
    const workshop = await makeWorkshop(t);
    await workshop.stock({ main: [{ name: 'hello' }] });
    await workshop.publish();
    workshop.advance(60);
    await workshop.stock({ main: [{ name: 'hello', text: 'other bytes, same version' }] });

    await workshop.publish();

    await workshop.verify();
    const files = await listFiles(workshop.at('ubuntu/pool'));
    assert.equal(files.length, 2);
    assert.match(files[0] ?? '', /^main\/h\/hello\/[0-9a-f]{16}\/hello_1\.0_amd64\.deb$/);
    assert.equal(files[1], 'main/h/hello/hello_1.0_amd64.deb');
    workshop.advance(60);
    await workshop.rollback();
    await workshop.verify();
  });

  test('a clock far behind the last Release is an error before anything is done', async (t) => {
    const workshop = await makeWorkshop(t);
    await workshop.stock({ main: [{ name: 'hello' }] });
    await workshop.publish();
    const before = await fingerprintOf(workshop.publicDirectory);
    workshop.advance(-3600);
    await workshop.stock({ main: [{ name: 'hello', version: '2.0' }] });

    await assert.rejects(workshop.publish(), { code: 'E_RELEASE_FUTURE' });

    assert.deepEqual(await fingerprintOf(workshop.publicDirectory), before);
  });

  test('a publication with Valid-Until is signed anew when half of its time has gone', async (t) => {
    const workshop = await makeWorkshop(t, { changes: { validForSeconds: 1000 } });
    await workshop.stock({ main: [{ name: 'hello' }] });
    await workshop.publish();
    workshop.advance(499);
    const early = await workshop.publish();
    workshop.advance(2);

    const late = await workshop.publish();

    assert.deepEqual([early.outcome, late.outcome], ['unchanged', 'published']);
    assert.match(await readRelease(workshop), /^Valid-Until: .*12:25:01/m);
  });

  test('a mirror that was never synced is named', async (t) => {
    const workshop = await makeWorkshop(t);

    await assert.rejects(workshop.publish(), { code: 'E_MIRROR_EMPTY', message: /upstream/ });
  });

  test('a package that the pool lost is named and the tree stays', async (t) => {
    const workshop = await makeWorkshop(t);
    await workshop.stock({ main: [{ name: 'hello' }] });
    await workshop.publish();
    workshop.advance(60);
    await workshop.stock({ main: [{ name: 'hello' }, { name: 'fresh' }] });
    await rm(await pooledTwin(poolRoot(workshop.pool), 'fresh_1.0_amd64.deb'));

    await assert.rejects(workshop.publish(), { code: 'E_POOL_MISSING', message: /fresh_1\.0_amd64\.deb/ });

    assert.equal((await workshop.verify()).packages, 1);
  });
});

async function pooledTwin(pool: string, name: string): Promise<string> {
  const found = (await listFiles(pool)).find((path) => path.endsWith(`_${name}`));
  assert.ok(found, `${name} is in ${dirname(pool)}`);
  return join(pool, found);
}
