import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';
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
import { digestsOf } from '../../src/core/digest.ts';
import { systemCode } from '../../src/core/errors.ts';
import { buildDeb, type DebSpec } from '../../src/deb/build-deb.ts';
import { buildArchive } from '../../src/demo/archive.ts';
import { type ArchiveServer, serveArchive } from '../../src/demo/serve-archive.ts';
import type { Signer } from '../../src/openpgp/contract.ts';
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
    server = await serveArchive(await upstream());
    await fill(root, server.url);
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

/** Two mirrored suites and a flat archive of which only the Release file is there. */
async function upstream(): Promise<ReadonlyMap<string, Buffer>> {
  const archive = await buildArchive(
    {
      origin: 'Upstream',
      codename: 'xenial',
      architectures: ['amd64', 'i386'],
      date: new Date('2016-04-21T00:00:00Z'),
      suites: [
        {
          name: 'xenial',
          components: {
            main: [
              deb('hello', '2.10-1', 'amd64', { Depends: 'libhello (>= 2)' }),
              deb('libhello', '2.10-1', 'amd64'),
            ],
            universe: [
              deb('hello', '2.10-1', 'i386'),
              deb('data', '1', 'all', { Provides: 'info, facts (= 2)' }),
            ],
          },
        },
      ],
    },
    unsigned,
  );
  const flat = Buffer.from('Origin: Flat\nArchitectures: amd64\nSHA256:\n');
  return new Map([...archive, ['flat/Release', flat]]);
}

/** Signatures are not what is tested here, and aptly is told to ignore them. */
const unsigned: Signer = {
  fingerprints: [],
  primaryFingerprints: [],
  warnings: [],
  publicKey: { armored: '', binary: Buffer.alloc(0) },
  clearsign: async (content) => content,
  detachSign: async () => Buffer.alloc(0),
};

function deb(name: string, version: string, architecture: string, more: DebSpec['control'] = {}): DebSpec {
  const control = {
    Package: name,
    Version: version,
    Architecture: architecture,
    Maintainer: 'Zoë <z@example.org>',
    Description: `the package ${name}`,
    ...more,
  };
  return { control, files: { [`usr/bin/${name}`]: name, [`etc/${name}.conf`]: 'x' } };
}

const localDebs: readonly DebSpec[] = [
  deb('local-a', '1:1.0-1', 'amd64', {
    Source: 'src (1.0)',
    Section: 'net',
    Depends: 'local-b (>= 1),x | y',
    'Pre-Depends': 'libc6',
    Recommends: 'r',
    Suggests: 's',
    Conflicts: 'old (<< 1)',
    'Installed-Size': '12',
    'Multi-Arch': 'foreign',
    Homepage: 'https://example.org/?a=b&c',
    Conffiles: '\n/etc/local-a.conf 0123',
    Tag: 'a::b,\nc::d',
    'X-Odd-FIELD': 'odd',
    Description: 'short\nIts long text.\n\n  - indented',
  }),
  deb('local-b', '2.0', 'all'),
  deb('local-c', '1.0', 'amd64', { Essential: 'yes', Priority: 'required' }),
];

async function fill(root: AptlyRoot, archive: string): Promise<void> {
  const incoming = join(root.directory, 'incoming');
  await mkdir(incoming);
  for (const spec of localDebs) {
    await writeFile(join(incoming, `${spec.control['Package']}.deb`), await buildDeb(spec));
  }
  await writeSource(incoming);
  const uploaders = join(root.directory, 'uploaders.json');
  const rules = [{ condition: 'Source (x)', allow: ['us'] }];
  await writeFile(uploaders, JSON.stringify({ groups: { us: ['0123456789ABCDEF'] }, rules }));
  const commands: readonly (readonly string[])[] = [
    ['mirror', 'create', '-ignore-signatures', 'all', archive, 'xenial'],
    [
      'mirror',
      'create',
      '-ignore-signatures',
      '-filter=hello',
      '-filter-with-deps',
      '-with-udebs',
      'some',
      archive,
      'xenial',
      'main',
    ],
    ['mirror', 'create', '-ignore-signatures', 'flat', `${archive}flat/`, './'],
    ['mirror', 'update', '-ignore-signatures', 'all'],
    ['mirror', 'edit', '-with-udebs=false', 'some'],
    ['mirror', 'update', '-ignore-signatures', 'some'],
    ['repo', 'create', '-comment=of our own', '-distribution=stable', '-component=contrib', 'local'],
    ['repo', 'create', `-uploaders-file=${uploaders}`, 'other'],
    ['repo', 'create', 'empty'],
    ['repo', 'create', 'dropped'],
    ['repo', 'add', 'local', `${incoming}/local-a.deb`, `${incoming}/local-b.deb`, `${incoming}/src_1.0.dsc`],
    ['repo', 'add', 'other', `${incoming}/local-c.deb`],
    ['repo', 'drop', 'dropped'],
    [
      'publish',
      'repo',
      '-skip-signing',
      '-distribution=frozen',
      '-component=main',
      '-architectures=amd64,source',
      'local',
    ],
    ['snapshot', 'create', 'from-mirror', 'from', 'mirror', 'all'],
    ['snapshot', 'create', 'from-repo', 'from', 'repo', 'local'],
    ['snapshot', 'create', 'nothing', 'empty'],
    ['snapshot', 'merge', 'merged', 'from-mirror', 'from-repo'],
    ['snapshot', 'filter', 'from-mirror', 'filtered', 'hello'],
    ['snapshot', 'pull', '-no-deps', 'from-repo', 'from-mirror', 'pulled', 'data'],
    ['repo', 'remove', 'local', 'local-a'],
    [
      'publish',
      'repo',
      '-skip-signing',
      '-distribution=components',
      '-component=main,extra',
      '-architectures=amd64',
      '-skip-contents',
      'local',
      'other',
      'two',
    ],
    [
      'publish',
      'snapshot',
      '-skip-signing',
      '-distribution=merged',
      '-acquire-by-hash',
      '-origin=O',
      '-label=L',
      'merged',
    ],
    [
      'publish',
      'snapshot',
      '-skip-signing',
      '-distribution=many',
      '-component=main,universe',
      'filtered',
      'from-repo',
      'two',
    ],
  ];
  for (const words of commands) await root.run(...words);
}

async function writeSource(directory: string): Promise<void> {
  const content = Buffer.from('not really a tar file');
  const { digests, size } = digestsOf(content);
  const line = (hex: string | undefined): string => ` ${hex} ${size} src_1.0.tar.gz`;
  const dsc = [
    'Format: 3.0 (native)',
    'Source: src',
    'Binary: local-a, local-b',
    'Architecture: any all',
    'Version: 1.0',
    'Maintainer: Zoë <z@example.org>',
    'Build-Depends: debhelper (>= 9), a | b',
    'Build-Depends-Indep: docs',
    'Build-Conflicts: x',
    'Package-List:',
    ' local-a deb net optional arch=any',
    ' local-b deb net optional arch=all',
    'Checksums-Sha1:',
    line(digests.sha1),
    'Checksums-Sha256:',
    line(digests.sha256),
    'Files:',
    line(digests.md5),
    '',
  ];
  await writeFile(join(directory, 'src_1.0.tar.gz'), content);
  await writeFile(join(directory, 'src_1.0.dsc'), dsc.join('\n'));
}

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
