import assert from 'node:assert/strict';
import { mkdir, readdir, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { App } from '../../../src/app/app.ts';
import type { GenerationRecord } from '../../../src/catalog/contract.ts';
import type { Change } from '../../../src/catalog/objects.ts';
import type { ListId, PackageRecord } from '../../../src/catalog/packages.ts';
import type { Event } from '../../../src/packages/events.ts';
import { cleanUp } from '../../../src/upkeep/cleanup.ts';
import { listEntry, uuids } from '../../builders/aptly-records.ts';
import { put, writeLevelDb } from '../../builders/leveldb.ts';
import {
  makeMirrorObject,
  makePublicationObject,
  makeRepoObject,
  makeSnapshotObject,
} from '../../builders/library-objects.ts';
import { writeDeb } from '../../builders/library-packages.ts';
import { packed } from '../../builders/msgpack.ts';
import { type CommandRoot, makeCommandRoot } from '../../support/aptly-commands.ts';
import { testDirectory } from '../../support/fetching.ts';
import { whileHeld } from '../../support/held-mirror.ts';
import { openTestApp, silentJob } from '../../support/open-test-app.ts';
import { inPool, poolRoot } from '../../support/pool-paths.ts';

describe('espejo db cleanup', () => {
  test('prints what aptly prints', async () => {
    const root = await rootWithLeftOvers();
    const [left = ''] = await poolOf(root, /_left_/);
    const key = (await root.output('package', 'search', '-format={{.Key}}', 'left')).trim();

    const dry = await root.output('db', 'cleanup', '-dry-run', '-verbose');
    const search = await root.run('package', 'search', 'left');
    const verbose = await root.output('db', 'cleanup', '-verbose');
    const again = await root.output('db', 'cleanup');

    const objects = [
      'Loading mirrors:',
      'Loading local repos:',
      '- r1',
      '- r2',
      'Loading snapshots:',
      '- s1',
      'Loading published repositories:',
    ];
    const packages = [
      'Deleting unreferenced packages (1)...',
      'List of package keys to delete:',
      ` - ${key}`,
    ];
    const building = [
      'Building list of files referenced by packages...',
      'Building list of files in package pool...',
    ];
    const files = ['Deleting unreferenced files (1)...', 'List of files to be deleted:', ` - ${left}`];
    const loading = 'Loading mirrors, local repos, snapshots and published repos...';
    assert.deepEqual(dry.split('\n'), [
      loading,
      ...objects,
      'Loading list of all packages...',
      ...packages,
      'Skipped deletion, as -dry-run has been requested.',
      ...building,
      ...files,
      'Skipped file deletion, as -dry-run has been requested.',
      'Skipped DB compaction, as -dry-run has been requested.',
      '',
    ]);
    assert.equal(search.error, undefined);
    assert.deepEqual(verbose.split('\n'), [
      loading,
      ...objects,
      'Loading list of all packages...',
      ...packages,
      ...building,
      ...files,
      `Disk space freed: ${/freed: (.*)\.\.\./.exec(verbose)?.[1]}...`,
      'Compacting database...',
      '',
    ]);
    assert.match(verbose, /\nDisk space freed: \d+ B\.\.\.\n/);
    assert.deepEqual(again.split('\n'), [
      loading,
      'Loading list of all packages...',
      'Deleting unreferenced packages (0)...',
      ...building,
      'Deleting unreferenced files (0)...',
      'Compacting database...',
      '',
    ]);
    assert.deepEqual(await poolOf(root, /_left_/), []);
    assert.equal((await poolOf(root, /_(alpha|beta)_/)).length, 2);
    assert.equal((await root.run('package', 'search', 'left')).error, 'no results');
  });
});

describe('cleanUp', () => {
  test('keeps what anything refers to', async (t) => {
    const app = await makeApp(t);
    const names = ['mirror', 'component', 'repo', 'snapshot', 'published', 'generation', 'object'];
    const lists = new Map<string, ListId>();
    for (const name of names) lists.set(name, await app.catalog.keepList([await stock(app, name)]));
    const list = (name: string): ListId => lists.get(name) ?? '';
    await app.catalog.objects.change([
      {
        save: 'mirror',
        object: makeMirrorObject({ list: list('mirror'), lists: { main: list('component') } }),
      },
      { save: 'mirror', object: makeMirrorObject({ uuid: 'never', name: 'never' }) },
      { save: 'repo', object: makeRepoObject({ list: list('repo') }) },
      { save: 'snapshot', object: makeSnapshotObject({ list: list('snapshot') }) },
      { save: 'publication', object: makePublicationObject({ lists: { main: list('published') } }) },
    ]);
    await app.catalog.addGeneration(
      { path: 'p/d', storage: '', prefix: 'p', distribution: 'd' },
      generationOf(list('generation'), list('object')),
    );

    const events = await clean(app);

    assert.deepEqual(keysOf(events), []);
    assert.deepEqual(filesOf(events), []);
    assert.deepEqual((await app.catalog.objects.allPackages()).map(({ name }) => name).sort(), names.sort());
    for (const one of lists.values()) assert.equal(await app.catalog.listSize(one), 1);
  });

  test('forgets packages with their contents, files and lists; the ledger forgets what is gone', async (t) => {
    const app = await makeApp(t);
    const gone = await stock(app, 'gone');
    const list = await app.catalog.keepList([gone]);
    await app.catalog.objects.rememberContents(gone.key, ['bin/gone']);
    const kept = await stock(app, 'kept');
    await keepIn(app, 'r1', [kept]);
    await app.catalog.objects.rememberContents(kept.key, ['bin/kept']);
    const entry = { size: 1, mtimeMs: 1, inode: 1, sha256: 'a' };
    for (const { files } of [gone, kept])
      for (const { poolPath } of files) app.catalog.ledger.remember(poolPath, entry);
    app.catalog.ledger.remember('no/su/ch', entry);

    const events = await clean(app);

    const [goneFile = '', keptFile = ''] = [gone, kept].map(({ files }) => files[0]?.poolPath ?? '');
    assert.deepEqual(keysOf(events), [gone.key]);
    assert.deepEqual(filesOf(events), [goneFile]);
    await assert.rejects(app.catalog.listSize(list), { code: 'E_CATALOG' });
    assert.equal(await app.catalog.objects.contents(gone.key), undefined);
    assert.deepEqual(await app.catalog.objects.contents(kept.key), ['bin/kept']);
    assert.deepEqual(
      [goneFile, keptFile, 'no/su/ch'].map((path) => app.catalog.ledger.recall(path)),
      [undefined, entry, undefined],
    );
  });

  test('a package that another paragraph of it keeps is not told as removed', async (t) => {
    const app = await makeApp(t);
    const one = await stock(app, 'one');
    await app.catalog.keepList([{ ...one, stanza: Buffer.from('Package: one\nSection: old\n') }]);
    await keepIn(app, 'r1', [one]);

    const events = await clean(app);

    assert.deepEqual(keysOf(events), []);
    assert.deepEqual((await app.catalog.objects.allPackages()).length, 1);
  });

  test('empties the pool of what nobody names, in both layouts, and touches nothing outside', async (t) => {
    const app = await makeApp(t);
    const outside = await testDirectory(t);
    await writeFile(join(outside, 'precious'), 'x');
    const legacy = await stock(app, 'legacy', 'ab/cd/legacy_1.0_amd64.deb');
    await keepIn(app, 'r1', [legacy]);
    const list = await app.catalog.keepList([]);
    await app.catalog.objects.change([
      { save: 'mirror', object: makeMirrorObject({ appStreamFiles: { 'main/dep11/x': 'aa/bb/icons' } }) },
      { save: 'snapshot', object: makeSnapshotObject({ list, appStreamFiles: { x: 'aa/bb/more' } }) },
    ]);
    const strays = ['12/34/567-abc_x.deb.down', 'ab/cd/other_1.0_amd64.deb', 'top', 'zz/.hidden.tmp'];
    for (const path of ['aa/bb/icons', 'aa/bb/more', ...strays]) await fill(app, path);
    await symlink(outside, inPool(app.pool, 'ab/link'));

    const events = await clean(app);

    assert.deepEqual(filesOf(events), [...strays, 'ab/link'].sort());
    assert.deepEqual(await filesIn(poolRoot(app.pool)), [
      'aa/bb/icons',
      'aa/bb/more',
      'ab/cd/legacy_1.0_amd64.deb',
    ]);
    assert.deepEqual(await readdir(outside), ['precious']);
  });

  test('partial downloads go when nobody went on with them for long', async (t) => {
    const app = await makeApp(t);
    const temporary = join(app.config.rootDir, 'tmp');
    for (const name of ['old.partial', 'young.partial', 'damaged-x']) {
      await writeFile(join(temporary, name), 'x');
      if (name !== 'young.partial') await utimes(join(temporary, name), 1, 1);
    }

    await clean(app);

    assert.deepEqual((await readdir(temporary)).sort(), ['damaged-x', 'young.partial']);
  });

  test('what was stopped anywhere goes on the next time; the catalog never names a file that is gone', async (t) => {
    for (const stopAt of ['objects', 'unused-packages', 'unused-files', 'freed', 'compacting'] as const) {
      const app = await makeApp(t);
      const gone = await stock(app, 'gone');
      await app.catalog.keepList([gone]);
      await fill(app, 'stray');
      const stop = new AbortController();
      const report = ({ type }: Event): void => {
        if (type === stopAt) stop.abort();
      };

      await cleanUp(app, { dryRun: false }, { signal: stop.signal, report }).catch(() => undefined);
      for (const { files } of await app.catalog.objects.allPackages())
        for (const { poolPath } of files) assert.ok((await stat(inPool(app.pool, poolPath))).isFile());
      await clean(app);

      assert.deepEqual(await filesIn(poolRoot(app.pool)), []);
      assert.deepEqual(await app.catalog.objects.allPackages(), []);
    }
  });

  test('a catalog that lacks a list in use is not cleaned, though looked at', async (t) => {
    const app = await makeApp(t);
    const spare = await stock(app, 'spare');
    await app.catalog.keepList([spare]);
    await app.catalog.objects.change([{ save: 'repo', object: makeRepoObject({ list: 'lost' }) }]);

    const looked = await clean(app, { dryRun: true });
    await assert.rejects(clean(app), { code: 'E_CATALOG', message: /lacks 1 package lists/ });

    assert.deepEqual(keysOf(looked), [spare.key]);
    assert.equal((await app.catalog.objects.allPackages()).length, 1);
  });

  test('a pool that aptly uses too is not emptied', async (t) => {
    const app = await makeApp(t);
    await fill(app, 'ab/cd/theirs_1.0_amd64.deb');
    await writeLevelDb(join(app.config.rootDir, 'db'), {
      log: [
        put(2, `L${uuids[0]}`, packed({ UUID: uuids[0], Name: 'theirs' })),
        listEntry(uuids[0] ?? '', [], 3),
      ],
    });

    await assert.rejects(clean(app), { code: 'E_OBJECT_IN_USE', message: /was never taken over, / });
    const looked = await clean(app, { dryRun: true });

    assert.deepEqual(filesOf(looked), ['ab/cd/theirs_1.0_amd64.deb']);
    assert.deepEqual(await filesIn(poolRoot(app.pool)), ['ab/cd/theirs_1.0_amd64.deb']);
  });

  test('nothing is removed while a mirror is being updated', async (t) => {
    const app = await makeApp(t);
    await fill(app, 'ab/cd/coming_1.0_amd64.deb');
    const mirror = makeMirrorObject({ name: 'sid' });

    await whileHeld(app.config.rootDir, mirror, async () => {
      await assert.rejects(clean(app), {
        code: 'E_OBJECT_IN_USE',
        message: new RegExp(
          `^mirror is locked by update operation, PID ${process.pid} \\(mirror update sid on \\S+, since \\S+Z\\)$`,
        ),
      });
      assert.deepEqual(await filesIn(poolRoot(app.pool)), ['ab/cd/coming_1.0_amd64.deb']);
    });
    await clean(app);

    assert.deepEqual(await filesIn(poolRoot(app.pool)), []);
  });
});

async function rootWithLeftOvers(): Promise<CommandRoot> {
  const root = await makeCommandRoot();
  const debs = join(root.directory, 'debs');
  for (const label of ['alpha_1_amd64', 'beta_1_amd64', 'left_1_amd64']) await writeDeb(debs, label);
  await root.output('repo', 'create', 'r1');
  await root.output('repo', 'create', 'r2');
  await root.output('repo', 'add', 'r1', debs);
  await root.output('repo', 'remove', 'r1', 'left');
  await root.output('snapshot', 'create', 's1', 'from', 'repo', 'r1');
  await root.output('repo', 'remove', 'r1', 'beta');
  return root;
}

async function poolOf({ directory }: CommandRoot, pattern: RegExp): Promise<readonly string[]> {
  return (await filesIn(join(directory, 'root/pool'))).filter((path) => pattern.test(path));
}

async function makeApp(t: TestContext): Promise<App> {
  const rootDir = await testDirectory(t);
  const app = await openTestApp(join(rootDir, 'espejo.json'), { rootDir });
  t.after(() => app.close());
  return app;
}

/** A package whose file is in the pool, at its place or another one. */
async function stock(app: App, name: string, place?: string): Promise<PackageRecord> {
  const path = place ?? `${name.slice(0, 2)}/00/${'0'.repeat(28)}_${name}_1.0_amd64.deb`;
  await fill(app, path);
  return {
    key: `Pamd64 ${name} 1.0 1234567812345678`,
    kind: 'deb',
    name,
    version: '1.0',
    architecture: 'amd64',
    stanza: Buffer.from(`Package: ${name}\n`),
    files: [{ name: `${name}_1.0_amd64.deb`, size: 1, digests: {}, poolPath: path }],
  };
}

async function fill({ pool }: App, path: string): Promise<void> {
  await mkdir(dirname(inPool(pool, path)), { recursive: true });
  await writeFile(inPool(pool, path), 'x');
}

async function keepIn({ catalog }: App, name: string, packages: readonly PackageRecord[]): Promise<void> {
  const object = makeRepoObject({ name, list: await catalog.keepList(packages) });
  await catalog.objects.change([{ save: 'repo', object } satisfies Change]);
}

function generationOf(list: ListId, published: ListId): GenerationRecord {
  return {
    id: 'g1',
    publication: 'p/d',
    inputId: 'i',
    date: 1,
    supersededAt: 2,
    hold: null,
    settings: {
      architectures: [],
      origin: '',
      label: '',
      suite: '',
      codename: '',
      version: null,
      description: '',
      notAutomatic: null,
      butAutomaticUpgrades: null,
      acquireByHash: true,
      validForSeconds: null,
      signedBy: null,
      signers: [],
      forms: [],
      contents: false,
      multiDist: false,
    },
    components: [{ name: 'main', list, source: 'x', sourceName: 'x' }],
    object: makePublicationObject({ lists: { main: published } }),
    packages: 1,
  };
}

async function clean(app: App, { dryRun } = { dryRun: false }): Promise<readonly Event[]> {
  const events: Event[] = [];
  await cleanUp(app, { dryRun }, { ...silentJob(), report: (event) => events.push(event) });
  return events;
}

function keysOf(events: readonly Event[]): readonly string[] {
  return events.flatMap((event) => (event.type === 'unused-packages' ? event.keys : []));
}

function filesOf(events: readonly Event[]): readonly string[] {
  return events.flatMap((event) => (event.type === 'unused-files' ? event.paths : []));
}

async function filesIn(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
}
