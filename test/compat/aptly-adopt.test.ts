import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { publicationListLines } from '../../src/aptly/objects/publication-text.ts';
import { repoJson, repoShowLines } from '../../src/aptly/objects/repo-text.ts';
import type { Catalog } from '../../src/catalog/contract.ts';
import { openSqliteCatalog } from '../../src/catalog/sqlite/catalog.ts';
import { db } from '../../src/cli/aptly/db.ts';
import { mirror } from '../../src/cli/aptly/mirror.ts';
import { packages } from '../../src/cli/aptly/package.ts';
import { snapshot } from '../../src/cli/aptly/snapshot.ts';
import type { Handler } from '../../src/cli/command.ts';
import type { ProgressEvent } from '../../src/core/progress.ts';
import { buildDeb } from '../../src/deb/build-deb.ts';
import { buildArchive } from '../../src/demo/archive.ts';
import { demoArchive } from '../../src/demo/demo-archive.ts';
import { type ArchiveServer, serveArchive } from '../../src/demo/serve-archive.ts';
import { type GoJson, renderGoJson } from '../../src/go/go-json.ts';
import type { Signer } from '../../src/openpgp/contract.ts';
import { listPublications } from '../../src/publish/publication-place.ts';
import { makeDebSpec } from '../builders/upstream-archive.ts';
import { type AptlyRoot, makeAptlyRoot, skipWithoutAptly } from '../support/aptly.ts';
import { invoke } from '../support/invoke.ts';

/** What the database of espejo adds to the directory of aptly's. */
const ownFiles = /^(espejo\.db.*|lock\.db.*|lock\.json|indexes)$/;

describe('a root directory of the real aptly, adopted', { skip: skipWithoutAptly }, () => {
  let root: AptlyRoot;
  let server: ArchiveServer;
  let config: string;
  let imported: string;
  let fingerprints: readonly string[];

  before(async () => {
    root = await makeAptlyRoot();
    config = join(root.directory, 'aptly.conf');
    server = await serveArchive(await buildArchive(demoArchive(new Date('2016-04-21T00:00:00Z')), unsigned));
    await fill(root, server.url);
    const untouched = await fingerprint(root.database);
    imported = (await invoke(db['import-aptly'], { config })).stdout;
    fingerprints = [untouched, await fingerprint(root.database)];
  });

  after(async () => {
    await server?.close();
    await root?.remove();
  });

  /** Asserts that espejo prints what aptly prints. */
  async function assertSame(run: Handler, words: string): Promise<void> {
    const parts = words.split(' ');
    const args = parts.slice(2).filter((word) => !word.startsWith('-'));
    const flags = parts.filter((word) => word.startsWith('-')).map((word) => word.slice(1).split('='));
    const wanted = await root.run(...parts);

    const { stdout } = await invoke(run, {
      config,
      args,
      flags: Object.fromEntries(flags.map(([name, value]) => [name, value ?? true])),
    });

    assert.equal(comparable(stdout), comparable(wanted), words);
  }

  it('tells what came', () => {
    const lines = imported.split('\n');

    assert.match(
      lines[0] ?? '',
      /: 3 mirrors, 3 local repos, 4 snapshots and 4 published repos, 9 packages\.$/,
    );
    assert.equal(lines[1], 'Objects new or changed: 14; changed here and so left alone: 0.');
    assert.equal(lines[2], 'Package files in the pool: 9; missing: 0.');
  });

  it('has the mirrors', async () => {
    for (const words of ['mirror list', 'mirror list -raw', 'mirror list -json'])
      await assertSame(mirror.list, words);
    for (const name of ['all', 'main', 'never']) await assertSame(mirror.show, `mirror show ${name}`);
    for (const name of ['all', 'main']) {
      await assertSame(mirror.show, `mirror show -with-packages ${name}`);
      await assertSame(mirror.show, `mirror show -json -with-packages ${name}`);
      await assertSame(mirror.search, `mirror search ${name}`);
    }
    await assertSame(mirror.search, 'mirror search -with-deps all mirror-tools');
    await assertSame(
      mirror.search,
      'mirror search -format={{.Package}}|{{.Filename}}|{{.Key}} main mirror-tools',
    );
  });

  it('has the repositories', async () => {
    const catalog = await openSqliteCatalog(join(root.database, 'espejo.db'));
    try {
      for (const repo of await catalog.objects.all('repo')) {
        const packages = await catalog.packages(repo.list);
        const shown = repoShowLines(repo, { packageCount: packages.length, packages });

        assert.equal(`${shown.join('\n')}\n`, await root.run('repo', 'show', '-with-packages', repo.name));
      }
      const all = (await catalog.objects.all('repo')).map(repoJson);
      assert.equal(`${renderGoJson(all as readonly GoJson[], 2)}\n`, await root.run('repo', 'list', '-json'));
    } finally {
      await catalog.close();
    }
  });

  it('has the snapshots and packages', async () => {
    await assertSame(snapshot.list, 'snapshot list');
    await assertSame(snapshot.list, 'snapshot list -json');
    for (const name of ['from-mirror', 'from-repo', 'merged', 'nothing']) {
      await assertSame(snapshot.show, `snapshot show -with-packages ${name}`);
    }
    await assertSame(packages.show, 'package show local-a');
    await assertSame(packages.show, 'package show mirror-games');
  });

  it('has the publications, with what they published', async () => {
    const catalog = await openSqliteCatalog(join(root.database, 'espejo.db'));
    try {
      const publications = await listPublications({ catalog });
      const text = publicationListLines(publications, 'aptly');

      assert.equal(`${text.join('\n')}\n`, await root.run('publish', 'list'));
      const frozen = publications.find(({ publication }) => publication.name === './frozen');
      const members = await catalog.packages(frozen?.publication.lists['main'] ?? '');
      assert.deepEqual(members.map(({ name }) => name).sort(), ['local-a', 'local-b']);
    } finally {
      await catalog.close();
    }
  });

  it('leaves everything of aptly as it was, and aptly can go on', async () => {
    const listed = await root.run('mirror', 'list', '-raw');

    assert.equal(fingerprints[1], fingerprints[0]);
    assert.equal(listed, 'all\nmain\nnever\n');
  });

  it('changes nothing when it is done again', async () => {
    const before = await objectsOf(root);

    const { stdout } = await invoke(db['import-aptly'], { config });

    assert.match(stdout, /^Objects new or changed: 0; changed here and so left alone: 0\.$/m);
    assert.deepEqual(await objectsOf(root), before);
  });

  it('says what aptly says of drops and new names', async () => {
    const refusals: readonly (readonly [Handler, string])[] = [
      [mirror.drop, 'mirror drop all'],
      [mirror.drop, 'mirror drop no'],
      [mirror.rename, 'mirror rename all main'],
      [mirror.rename, 'mirror rename no yes'],
      [mirror.show, 'mirror show no'],
      [mirror.search, 'mirror search no'],
      [mirror.search, 'mirror search all no'],
      [mirror.search, 'mirror search never'],
    ];
    for (const [run, words] of refusals) {
      const [, , ...args] = words.split(' ');
      const wanted = await failureOf(root.run(...words.split(' ')));
      const found = await failureOf(invoke(run, { config, args }));

      assert.equal(found.stdout, wanted.stdout, words);
      assert.equal(`ERROR: ${found.message}\n`, wanted.stderr, words);
    }

    await assertSame(mirror.rename, 'mirror rename never someday');
    await assertSame(mirror.drop, 'mirror drop someday');
    await assertSame(mirror.drop, 'mirror drop -force main');
  });

  it('takes over what aptly did since, but not what was changed here', async () => {
    await root.run('repo', 'remove', 'other', 'local-c');
    await root.run('snapshot', 'create', 'later', 'from', 'repo', 'other');
    await root.run('repo', 'edit', '-comment=of aptly', 'local');
    await editRepo(root, 'local', 'of espejo');

    const { stdout, events } = await invoke(db['import-aptly'], { config });

    assert.match(stdout, /^Objects new or changed: 2; changed here and so left alone: 1\.$/m);
    const { repo, snapshot } = await objectsOf(root);
    assert.equal(repo.find(({ name }) => name === 'local')?.comment, 'of espejo');
    assert.ok(snapshot.some(({ name }) => name === 'later'));
    assert.deepEqual(warningsOf(events), [
      'local repo local was changed since it was imported; it stays as it is',
    ]);
  });

  it('warns of pool files that are not there, and imports nothing when a name is taken', async () => {
    const other = join(root.directory, 'other-root');
    await mkdir(other);
    const elsewhere = join(other, 'espejo.conf');
    const databaseBackend = { type: 'leveldb', dbPath: root.database };
    await writeFile(elsewhere, JSON.stringify({ rootDir: other, databaseBackend }));
    const catalog = await openSqliteCatalog(join(other, 'db/espejo.db'));
    const [repo] = (await objectsOf(root)).repo;
    assert.ok(repo);
    const { adopted: _adopted, ...own } = repo;
    const taken = { ...own, uuid: 'made-here', list: await catalog.keepList([]) };
    await catalog.objects.change([{ save: 'repo', object: taken }]);

    await assert.rejects(invoke(db['import-aptly'], { config: elsewhere }), {
      code: 'E_NAME_TAKEN',
      message: `unable to import: local repo with name ${repo.name} already exists`,
    });
    const nothing = await catalog.objects.allPackages();
    await catalog.objects.change([{ drop: 'repo', uuid: 'made-here' }]);
    await catalog.close();
    const { stdout, events } = await invoke(db['import-aptly'], { config: elsewhere });

    assert.deepEqual(nothing, []);
    assert.match(stdout, /^Package files in the pool: 0; missing: 9\.$/m);
    assert.equal(warningsOf(events).length, 9);
  });
});

/** Without those of tables that aptly leaves behind now and then when it ends while it compacts. */
function warningsOf(events: readonly ProgressEvent[]): readonly string[] {
  return events
    .flatMap((event) => (event.type === 'warning' ? [event.message] : []))
    .filter((message) => !message.startsWith('the database does not count '));
}

type Failed = { readonly stdout: string; readonly stderr: string; readonly message: string };

async function failureOf(promise: Promise<unknown>): Promise<Failed> {
  return await promise.then(
    () => assert.fail('it did not fail'),
    (error: Failed) => error,
  );
}

const unsigned: Signer = {
  fingerprints: [],
  primaryFingerprints: [],
  warnings: [],
  publicKey: { armored: '', binary: Buffer.alloc(0) },
  clearsign: async (content) => content,
  detachSign: async () => Buffer.alloc(0),
};

async function fill(root: AptlyRoot, archive: string): Promise<void> {
  const incoming = join(root.directory, 'incoming');
  await mkdir(incoming);
  for (const name of ['local-a', 'local-b', 'local-c']) {
    await writeFile(join(incoming, `${name}.deb`), await buildDeb(makeDebSpec(name, '1.0')));
  }
  const commands = [
    `mirror create -ignore-signatures all ${archive} xenial`,
    `mirror create -ignore-signatures -filter=mirror-tools -filter-with-deps main ${archive} xenial main`,
    `mirror create -ignore-signatures never ${archive} xenial-updates main`,
    'mirror update -ignore-signatures all',
    'mirror update -ignore-signatures main',
    'repo create -comment=of-our-own -distribution=stable -component=contrib local',
    'repo create other',
    'repo create empty',
    `repo add local ${incoming}/local-a.deb ${incoming}/local-b.deb`,
    `repo add other ${incoming}/local-c.deb`,
    'publish repo -skip-signing -distribution=frozen -component=main -architectures=amd64 local',
    'snapshot create from-mirror from mirror all',
    'snapshot create from-repo from repo local',
    'snapshot create nothing empty',
    'snapshot merge merged from-mirror from-repo',
    'repo remove local local-a',
    'publish repo -skip-signing -distribution=two -component=main,extra -architectures=amd64 -skip-contents local other two',
    'publish snapshot -skip-signing -distribution=merged -acquire-by-hash -origin=O -label=L merged',
    'publish snapshot -skip-signing -distribution=many -component=main,extra -architectures=amd64 from-mirror from-repo many',
  ];
  for (const words of commands) await root.run(...words.split(' '));
}

/** Names, sizes, times and content of all files but those of espejo. */
async function fingerprint(directory: string): Promise<string> {
  const hash = createHash('sha256');
  const names = (await readdir(directory)).filter((name) => !ownFiles.test(name)).sort();
  for (const name of names) {
    const path = join(directory, name);
    hash.update(JSON.stringify([name, (await stat(path)).mtimeMs]));
    hash.update(await readFile(path));
  }
  return hash.digest('hex');
}

/** Without what aptly 1.5 does not say yet, and under one name of the program. */
function comparable(text: string): string {
  return text
    .replace(/^Download AppStream: no\n/gm, '')
    .replace(/,\n *"DownloadAppStream": false/g, '')
    .replaceAll('`aptly ', '`espejo ');
}

async function withCatalog<Result>(
  root: AptlyRoot,
  work: (catalog: Catalog) => Promise<Result>,
): Promise<Result> {
  const catalog = await openSqliteCatalog(join(root.database, 'espejo.db'));
  try {
    return await work(catalog);
  } finally {
    await catalog.close();
  }
}

async function objectsOf(root: AptlyRoot) {
  return await withCatalog(root, async ({ objects }) => ({
    mirror: await objects.all('mirror'),
    repo: await objects.all('repo'),
    snapshot: await objects.all('snapshot'),
    publication: await objects.all('publication'),
    packages: await objects.allPackages(),
  }));
}

async function editRepo(root: AptlyRoot, name: string, comment: string): Promise<void> {
  await withCatalog(root, async ({ objects }) => {
    const object = await objects.find('repo', name);
    assert.ok(object);
    await objects.change([{ save: 'repo', object: { ...object, comment } }]);
  });
}
