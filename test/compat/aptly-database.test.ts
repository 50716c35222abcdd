import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { StoredPackage } from '../../src/adopt/database/packages.ts';
import {
  type AptlyDatabase,
  publicationList,
  readAptlyDatabase,
} from '../../src/adopt/database/read-database.ts';
import type { PackageList } from '../../src/adopt/database/reference-lists.ts';
import type { AptlyTime } from '../../src/adopt/database/time.ts';
import { systemCode } from '../../src/core/errors.ts';
import { type ArchiveServer, serveArchive } from '../../src/demo/serve-archive.ts';
import { fillAptlyRoot, twoSuitesAndFlat } from '../builders/aptly-root.ts';
import { type AptlyRoot, makeAptlyRoot, skipWithoutAptly } from '../support/aptly.ts';
import { collect } from '../support/collect.ts';
import { testJob } from '../support/fetching.ts';

const skipWithoutLocks = existsSync('/proc/locks') ? false : 'this system does not tell who holds a lock';

describe('a database of the real aptly', { skip: skipWithoutAptly }, () => {
  let root: AptlyRoot;
  let server: ArchiveServer;
  let database: AptlyDatabase;
  let packages: readonly StoredPackage[];

  before(async () => {
    root = await makeAptlyRoot();
    server = await serveArchive(await twoSuitesAndFlat());
    await fillAptlyRoot(root, server.url);
    database = await readAptlyDatabase(root.database, testJob());
    packages = (await collect(database.packages({ unreferenced: true, contents: true }))).flat();
  });

  after(async () => {
    await database?.close();
    await server?.close();
    await root?.remove();
  });

  const labels = (list: PackageList | undefined): readonly string[] =>
    Array.from(list ?? [], (position) => {
      const found = packages[position];
      return `${found?.name}_${found?.version}_${found?.architecture}`;
    }).sort();

  test('has the package keys that aptly searches', async () => {
    const keys = (await root.run('package', 'search', '-format={{.Key}}')).trim().split('\n');

    assert.equal(keys.length, 8);
    assert.deepEqual(database.packageKeys.toSorted(), keys.sort());
    assert.deepEqual(
      packages.map(({ key }) => key),
      database.packageKeys,
    );
    assert.deepEqual(database.dangling, []);
  });

  test('gives the paragraphs that package show prints, byte for byte', async () => {
    const shown = (await root.run('package', 'show', 'Name (~ .)'))
      .split('\n\n')
      .filter((text) => text !== '');

    const rebuilt = packages.map(({ stanza }) => stanza.toString().slice(0, -1));

    assert.deepEqual(rebuilt.toSorted(), shown.toSorted());
  });

  test('names pool files that are there, with their sizes and digests', async () => {
    for (const { files } of packages) {
      for (const { poolPath = '', facts } of files) {
        const remembered = await database.checksums(poolPath);

        const { size } = await stat(join(root.directory, 'pool', poolPath));

        assert.equal(size, facts.size);
        assert.deepEqual(remembered, facts);
      }
    }
  });

  test('has the mirrors of mirror show', async () => {
    const names = (await root.run('mirror', 'list', '-raw')).trim().split('\n');
    const shown = await shownObjects(root, 'mirror', names);

    const found = database.mirrors.map((mirror) => ({
      UUID: mirror.uuid,
      Name: mirror.name,
      ArchiveRoot: mirror.archiveRoot,
      Distribution: mirror.distribution,
      Components: orNull(mirror.components),
      Architectures: orNull(mirror.architectures),
      Meta: Object.fromEntries(mirror.meta),
      LastDownloadDate: rfc3339(mirror.lastDownload),
      Filter: mirror.filter,
      Status: Number(mirror.updating),
      FilterWithDeps: mirror.filterWithDeps,
      DownloadSources: mirror.downloadSources,
      DownloadUdebs: mirror.downloadUdebs,
      Packages: labels(database.lists.get(mirror.uuid)),
    }));

    assert.equal(found.length, 3);
    assert.deepEqual(byName(found), byName(shown.map((object) => picked(object, found))));
  });

  test('has the repositories of repo show', async () => {
    const names = (await root.run('repo', 'list', '-raw')).trim().split('\n');
    const shown = await shownObjects(root, 'repo', names);

    const found = database.repos.map((repo) => ({
      Name: repo.name,
      Comment: repo.comment,
      DefaultDistribution: repo.defaultDistribution,
      DefaultComponent: repo.defaultComponent,
      Packages: labels(database.lists.get(repo.uuid)),
    }));

    assert.equal(found.length, 3);
    assert.deepEqual(byName(found), byName(shown.map((object) => picked(object, found))));
  });

  test('has the uploaders of a repository', () => {
    const uploaders = database.repos.map((repo) => repo.uploaders).find((one) => one !== undefined);

    assert.deepEqual(uploaders, {
      groups: new Map([['us', ['0123456789ABCDEF']]]),
      rules: [{ condition: 'Source (x)', allow: ['us'], deny: null }],
    });
  });

  test('has the snapshots of snapshot show', async () => {
    const names = (await root.run('snapshot', 'list', '-raw')).trim().split('\n');
    const shown = await shownObjects(root, 'snapshot', names);

    const kinds = { mirror: 'repo', repo: 'local', snapshot: 'snapshot' };
    const found = database.snapshots.map((snapshot) => ({
      Name: snapshot.name,
      CreatedAt: rfc3339(snapshot.createdAt),
      SourceKind: kinds[snapshot.sourceKind],
      Description: snapshot.description,
      Origin: snapshot.origin,
      NotAutomatic: snapshot.notAutomatic,
      ButAutomaticUpgrades: snapshot.butAutomaticUpgrades,
      Packages: labels(database.lists.get(snapshot.uuid)),
    }));

    assert.equal(found.length, 6);
    assert.deepEqual(byName(found), byName(shown.map((object) => picked(object, found))));
  });

  test('has the publications of publish list', async () => {
    const shown: readonly Shown[] = JSON.parse(await root.run('publish', 'list', '-json'));
    const names = new Map(
      [...database.repos, ...database.snapshots].map(({ uuid, name }) => [uuid, name] as const),
    );

    const found = database.publications.map((publication) => ({
      Path: `${publication.prefix}/${publication.distribution}`,
      Architectures: publication.architectures,
      Origin: publication.origin,
      Label: publication.label,
      SourceKind: publication.sourceKind === 'repo' ? 'local' : 'snapshot',
      Sources: Array.from(publication.sources, ([Component, uuid]) => ({
        Component,
        Name: names.get(uuid),
      })).sort((a, b) => (a.Component < b.Component ? -1 : 1)),
      SkipContents: publication.skipContents,
      AcquireByHash: publication.acquireByHash,
      Storage: publication.storage,
    }));

    assert.equal(found.length, 4);
    const byPath = (objects: readonly Shown[]): readonly Shown[] =>
      objects.toSorted((a, b) => (String(a['Path']) < String(b['Path']) ? -1 : 1));
    assert.deepEqual(byPath(found), byPath(shown.map((object) => withSortedSources(picked(object, found)))));
  });

  test('has for each publication what was published, not what its repository holds now', () => {
    const lists = database.publications.map((publication) => ({
      at: `${publication.prefix}/${publication.distribution}`,
      components: Array.from(publication.sources.keys(), (component) => [
        component,
        labels(publicationList(database, publication, component)),
      ]),
    }));

    const one = lists.find(({ at }) => at === './frozen');
    assert.deepEqual(one?.components, [
      ['main', ['local-a_1:1.0-1_amd64', 'local-b_2.0_all', 'src_1.0_source']],
    ]);
    const two = lists.find(({ at }) => at === 'two/components');
    assert.deepEqual(Object.fromEntries(two?.components ?? []), {
      extra: ['local-c_1.0_amd64'],
      main: ['local-b_2.0_all', 'src_1.0_source'],
    });
  });

  test('has the installed paths that Contents indexes were made of', () => {
    const paths = packages.find(({ name }) => name === 'local-a')?.contents;

    assert.deepEqual(paths, ['etc/local-a.conf', 'usr/bin/local-a']);
  });
});

describe('a database that the real aptly has open', { skip: skipWithoutAptly || skipWithoutLocks }, () => {
  test('is refused', async () => {
    const root = await makeAptlyRoot();
    await root.run('repo', 'create', 'r');
    const api = root.start('api', 'serve', `-listen=unix://${join(root.directory, 'socket')}`);
    try {
      await answerOf(join(root.directory, 'socket'), '/api/repos');

      const reading = readAptlyDatabase(root.database, testJob());

      await assert.rejects(reading, {
        code: 'E_LOCKED',
        message: new RegExp(`in use by process ${api.pid}`),
      });
    } finally {
      const ended = once(api, 'exit');
      api.kill();
      await ended;
      await root.remove();
    }
  });
});

type Shown = Readonly<Record<string, unknown>>;

async function shownObjects(
  root: AptlyRoot,
  kind: string,
  names: readonly string[],
): Promise<readonly Shown[]> {
  const objects: Shown[] = [];
  for (const name of names) {
    // aptly 1.5 does not show the packages of a mirror that was never updated
    const options = name === 'flat' ? [] : ['-with-packages'];
    const object: Shown = JSON.parse(await root.run(kind, 'show', '-json', ...options, name));
    const { Packages: packages } = object;
    objects.push({ ...object, Packages: Array.isArray(packages) ? packages.map(String).sort() : [] });
  }
  return objects;
}

/** The fields of `object` that the others have. */
function picked(object: Shown, [model = {}]: readonly Shown[]): Shown {
  return Object.fromEntries(Object.keys(model).map((name) => [name, object[name]]));
}

/** aptly gives them in any order. */
function withSortedSources(publication: Shown): Shown {
  const { Sources: sources } = publication;
  assert.ok(Array.isArray(sources));
  return {
    ...publication,
    Sources: sources.sort((a: Shown, b: Shown) => (String(a['Component']) < String(b['Component']) ? -1 : 1)),
  };
}

function byName(objects: readonly Shown[]): readonly Shown[] {
  return objects.toSorted((a, b) => (String(a['Name']) < String(b['Name']) ? -1 : 1));
}

function orNull(list: readonly string[]): readonly string[] | null {
  return list.length === 0 ? null : list;
}

/** As Go prints times in UTC: trailing zeros of the fraction are left out. */
function rfc3339(time: AptlyTime | undefined): string {
  if (time === undefined) return '0001-01-01T00:00:00Z';
  const fraction = String(time.nanoseconds).padStart(9, '0').replace(/0+$/, '');
  return `${time.at.toISOString().slice(0, 19)}${fraction === '' ? '' : `.${fraction}`}Z`;
}

/** Asks until the server has made its socket; it has the database open once it answered. */
async function answerOf(socketPath: string, path: string): Promise<void> {
  for (;;) {
    try {
      const request = get({ socketPath, path });
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      response.resume();
      await once(response, 'end');
      return;
    } catch (error) {
      if (systemCode(error) !== 'ENOENT' && systemCode(error) !== 'ECONNREFUSED') throw error;
      await setImmediate();
    }
  }
}
