import assert from 'node:assert/strict';
import { lstatSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { usageLines } from '../../../src/cli/render-usage.ts';
import { cleanUp } from '../../../src/upkeep/cleanup.ts';
import { type DiskUsage, diskUsage } from '../../../src/upkeep/disk-usage.ts';
import { writeDeb } from '../../builders/library-packages.ts';
import { makeCommandRoot } from '../../support/aptly-commands.ts';
import { makeManagedSite } from '../../support/managed-site.ts';
import { silentJob } from '../../support/open-test-app.ts';
import { poolRoot } from '../../support/pool-paths.ts';

describe('espejo du', () => {
  test('tells mirror, publication, generations and nobody apart, and counts each file once', async (t) => {
    const site = await makeManagedSite(t);
    for (const version of ['1.0', '2.0']) {
      site.advance(60);
      await site.stock({ main: [{ name: 'hello', version }, { name: 'same' }] });
      await site.publish();
    }
    const { rootDir } = site.app.config;
    const strays: Readonly<Record<string, string>> = {
      [`pool/ab/cd/${'0'.repeat(28)}_stray.deb`]: 'pool files that nothing needs',
      'tmp/x.partial': 'partial downloads',
      'tmp/damaged-x': 'damaged files',
      'db/indexes/x.zst': 'kept upstream indexes',
      'public/ubuntu/pool/main/s/stray.deb': 'published files that nothing needs',
      'public/index.html': 'other files',
    };
    for (const path of Object.keys(strays)) {
      await mkdir(dirname(join(rootDir, path)), { recursive: true });
      await writeFile(join(rootDir, path), Buffer.alloc(1000));
    }

    const usage = await diskUsage(site.app, {}, silentJob());

    const pooled = await sizesOf(poolRoot(site.app.pool));
    const [mirror, publication, generation] = usage.holders;
    assert.deepEqual(
      usage.holders.map(({ kind, name, publication: of }) => [kind, kind === 'generation' ? of : name]),
      [
        ['mirror', 'upstream'],
        ['publication', 'ubuntu/xenial'],
        ['generation', 'ubuntu/xenial'],
      ],
    );
    assert.deepEqual(
      [mirror?.alone, mirror?.shared],
      [0, pooled('hello_2.0') + pooled('same_')],
      'all of the mirror is published',
    );
    const tree = await sizesOf(
      join(site.app.publicDirectory, 'ubuntu/dists/.espejo/xenial', generation?.name ?? ''),
    );
    assert.ok((generation?.alone ?? 0) > pooled('hello_1.0'));
    assert.equal(
      (generation?.alone ?? 0) + (generation?.shared ?? 0),
      pooled('hello_1.0') + pooled('same_') + tree(''),
    );
    assert.ok((publication?.shared ?? 0) > pooled('same_'));
    assert.deepEqual(
      usage.rest
        .filter(({ what }) => what !== 'catalog' && what !== 'other files')
        .map(({ what, bytes }) => [what, bytes])
        .sort(),
      Object.values(strays)
        .filter((what) => what !== 'other files')
        .map((what) => [what, 1000])
        .sort(),
    );
    assert.equal(usage.total.bytes, (await sizesOf(rootDir))(''));
  });

  test('beside a cleanup that drops what was listed a moment ago', async () => {
    const root = await makeCommandRoot();
    const debs = join(root.directory, 'debs');
    for (const label of ['alpha_1_amd64', 'beta_1_amd64']) await writeDeb(debs, label);
    await root.output('repo', 'create', 'r');
    await root.output('repo', 'add', 'r', debs);
    await root.output('snapshot', 'create', 's', 'from', 'repo', 'r');
    await root.output('repo', 'remove', 'r', 'beta');

    const usage = await root.withApp(async (app) => {
      let reads = 0;
      const catalog = new Proxy(app.catalog, {
        get: (target, name) => {
          const value: unknown = Reflect.get(target, name, target);
          if (typeof value !== 'function') return value;
          return async (...words: readonly unknown[]) => {
            if (name === 'packages' && ++reads === 1) {
              await root.output('snapshot', 'drop', 's');
              await root.output('db', 'cleanup');
            }
            return value.apply(target, words);
          };
        },
      });
      const ports = new Proxy(app, {
        get: (target, name) => (name === 'catalog' ? catalog : Reflect.get(target, name, target)),
      });
      return await diskUsage(ports, {}, silentJob());
    });

    assert.deepEqual(namesOf(usage), ['repo r']);
    assert.equal(
      usage.rest.find(({ what }) => what === 'pool files that nothing needs'),
      undefined,
    );
  });

  test('what a repository, a snapshot and a publication made by hand need', async () => {
    const root = await makeCommandRoot();
    const debs = join(root.directory, 'debs');
    for (const label of ['alpha_1_amd64', 'beta_1_amd64']) await writeDeb(debs, label);
    await root.output('repo', 'create', 'r');
    await root.output('repo', 'add', 'r', debs);
    await root.output('snapshot', 'create', 's', 'from', 'repo', 'r');
    await root.output('repo', 'remove', 'r', 'beta');
    await root.output('publish', 'snapshot', '-skip-signing', '-distribution=stable', 's');

    const before = await root.withApp((app) => diskUsage(app, {}, silentJob()));
    await root.output('publish', 'drop', 'stable');
    const after = await root.withApp((app) => diskUsage(app, {}, silentJob()));

    assert.deepEqual(namesOf(before), ['repo r', 'snapshot s', 'publication ./stable']);
    assert.deepEqual(namesOf(after), ['repo r', 'snapshot s']);
    const snapshot = after.holders[1];
    const freed = await root.withApp(async (app) => {
      await app.catalog.objects.change([
        { drop: 'snapshot', uuid: (await app.catalog.objects.find('snapshot', 's'))?.uuid ?? '' },
      ]);
      return await cleanUp(app, { dryRun: false }, silentJob());
    });
    assert.equal(freed.bytes, snapshot?.alone, '"alone" is what a cleanup frees once it is dropped');
  });

  test('copies in an endpoint are counted for their publication', async () => {
    const root = await makeCommandRoot('espejo', {
      config: { FileSystemPublishEndpoints: { copies: { rootDir: 'copies', linkMethod: 'copy' } } },
    });
    await root.output('repo', 'create', 'r');
    await root.output('repo', 'add', 'r', await writeDeb(join(root.directory, 'debs'), 'alpha_1_amd64'));
    await root.output('publish', 'repo', '-skip-signing', '-distribution=stable', 'r', 'filesystem:copies:.');

    const usage = await root.withApp((app) => diskUsage(app, {}, silentJob()));

    const pooled = await sizesOf(join(root.directory, 'root/pool'));
    const publication = usage.holders.find(({ kind }) => kind === 'publication');
    assert.ok((publication?.alone ?? 0) > pooled('alpha'), 'the copy and the indexes');
    assert.equal(publication?.shared, pooled('alpha'));
    assert.equal(
      usage.rest.find(({ what }) => what.startsWith('published')),
      undefined,
    );
  });

  test('fits in 80 columns', () => {
    const long = `${'very-'.repeat(20)}long\u001b[31m`;
    const share = { files: 2 ** 31, alone: 2 ** 49, shared: 2 ** 49 };

    const lines = usageLines({
      holders: [
        { kind: 'publication', name: long, ...share },
        { kind: 'generation', name: '20261122T194000Z-0123456789ab', publication: 'x', ...share },
      ],
      rest: [{ what: 'published files that nothing needs', files: 1, bytes: 2 ** 49 }],
      total: { files: 2 ** 31, bytes: 2 ** 50 },
    });

    for (const line of lines) assert.ok([...line].length <= 80, line);
    assert.doesNotMatch(lines.join(''), /\u001b/);
  });
});

function namesOf({ holders }: DiskUsage): readonly string[] {
  return holders.map(({ kind, name }) => `${kind} ${name}`);
}

/** Adds up the sizes of the files below a directory whose paths hold a text; hard links count once. */
async function sizesOf(directory: string): Promise<(part: string) => number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return (part) => {
    const sizes = new Map(
      files
        .filter((path) => path.slice(directory.length).includes(part))
        .map((path) => [lstatSync(path).ino, lstatSync(path).size]),
    );
    return [...sizes.values()].reduce((sum, size) => sum + size, 0);
  };
}
