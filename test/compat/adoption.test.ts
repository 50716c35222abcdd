import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { buildDeb } from '../../src/deb/build-deb.ts';
import { buildArchive } from '../../src/demo/archive.ts';
import { demoArchive } from '../../src/demo/demo-archive.ts';
import { serveArchive } from '../../src/demo/serve-archive.ts';
import { readPrivateKeysOf } from '../../src/openpgp/private-keys.ts';
import { makeDebSpec } from '../builders/upstream-archive.ts';
import { makeAptClient } from '../support/apt-client.ts';
import { type AptlyRoot, makeAptlyRoot, skipWithoutAptly } from '../support/aptly.ts';
import { skipWithout } from '../support/programs.ts';
import { type CliRun, runCli } from '../support/run-cli.ts';
import { type SigningKey, signingKey } from '../support/signing-keys.ts';

/** A publication of the root, and the command of espejo that brings `local-d` into it. */
type Published = {
  readonly what: string;
  readonly source: (root: string) => string;
  readonly change: string;
  /** A package that is there before and after. */
  readonly stays: string;
};

const publications: readonly Published[] = [
  {
    what: 'below a prefix',
    source: (root) => `deb file:${root}/public/ubuntu xenial main`,
    change: 'publish switch xenial ubuntu newer',
    stays: 'mirror-tools',
  },
  {
    what: 'of two components',
    source: (root) => `deb file:${root}/public many main extra`,
    change: 'publish switch -component=main,extra many from-mirror from-other',
    stays: 'mirror-tools',
  },
  {
    what: 'on another file system',
    source: (root) => `deb file:${root}/copies/deb stable main`,
    change: 'publish update stable filesystem:copies:deb',
    stays: 'local-a',
  },
  {
    // Debian's aptly has no -multi-dist yet: two distributions of one prefix share a pool.
    what: 'below the same prefix, by hash',
    source: (root) => `deb file:${root}/public/ubuntu wily main`,
    change: 'publish switch wily ubuntu newer',
    stays: 'mirror-tools',
  },
];

const skip = skipWithoutAptly || skipWithout('apt-get', '--version');

describe('a root of the real aptly, taken over on its first use', { skip }, () => {
  let root: AptlyRoot;
  let key: SigningKey;
  let untouched: string;

  before(async () => {
    root = await makeAptlyRoot();
    key = await signingKey('adoption');
    await prepare(root, key);
    const server = await serveArchive(
      await buildArchive(demoArchive(new Date('2016-04-21T00:00:00Z')), key.signer),
    );
    try {
      await fill(root, server.url);
    } finally {
      // Whatever espejo would fetch, it would not get.
      await server.close();
    }
    untouched = await fingerprint(root.database);
  });

  after(() => root?.remove());

  const espejo = (words: string): Promise<CliRun> =>
    runCli([`-config=${join(root.directory, 'aptly.conf')}`, ...words.split(' ')], {
      cwd: root.directory,
      home: join(root.directory, 'home'),
    });

  /** Runs a command that must not fail. */
  async function done(words: string): Promise<CliRun> {
    const run = await espejo(words);
    assert.equal(run.exit, 0, `${words}: ${run.stderr}`);
    return run;
  }

  async function clientOf({ source }: Published, t: TestContext) {
    return await makeAptClient(t, {
      sources: [source(root.directory)],
      key: key.signer.publicKey.binary,
    });
  }

  it('is taken over by the first command, which then does its work', async (t) => {
    const begun = performance.now();

    const { stdout, stderr } = await done('mirror list -raw');

    t.diagnostic(`taken over in ${Math.round(performance.now() - begun)} ms`);
    assert.equal(stdout, 'all\nupdates\n');
    assert.equal(await fingerprint(root.database), untouched);
    assert.match(stderr, /^taking over the aptly database /m);
    assert.match(
      stderr,
      /^taken over: 2 mirrors, 3 local repos, 4 snapshots, 4 published repos, 10 packages, 10 files in the pool, 0 missing$/m,
    );
  });

  it('lists what aptly lists', async () => {
    for (const words of [
      'mirror list -raw',
      'repo list',
      'snapshot list',
      'publish list',
      'package search',
    ]) {
      const { stdout, stderr } = await done(words);

      assert.equal(stdout.replaceAll('`espejo ', '`aptly '), await root.run(...words.split(' ')), words);
      assert.equal(stderr, '', words);
    }
  });

  it('is verified by apt before and after espejo has changed each publication, and aptly has its database as before', async (t) => {
    const clients = await Promise.all(publications.map((one) => clientOf(one, t)));
    const database = await fingerprint(root.database);
    const seen: unknown[] = [];
    const look = async (at: number): Promise<void> => {
      const client = clients[at];
      const { stays } = publications[at] ?? { stays: '' };
      const update = await client?.apt('update');
      const download = await client?.apt('download', '-q', stays);
      const absent = (await client?.candidate('local-d')) ?? 'absent';
      seen.push([update?.status, update?.stderr, download?.status, absent]);
    };
    for (const at of publications.keys()) await look(at);
    await done(`repo add other ${root.directory}/incoming/local-d.deb`);
    await done(`repo add local ${root.directory}/incoming/local-d.deb`);
    await done('snapshot create from-other from repo other');
    await done('snapshot merge newer from-mirror from-other');
    for (const [at, { change }] of publications.entries()) {
      await done(change);
      await look(at);
    }
    await done('db cleanup');
    for (const at of publications.keys()) await look(at);

    const before = publications.map(() => [0, '', 0, 'absent']);
    const later = publications.map(() => [0, '', 0, '2.0']);
    assert.deepEqual(seen, [...before, ...later, ...later]);
    assert.equal(await fingerprint(root.database), database);
  });

  it('tells when aptly has changed it since, and does not empty the pool then', async () => {
    const listed = await done('repo list -raw');
    await root.run('repo', 'list');
    const looked = await done('repo list -raw');
    await root.run('repo', 'create', 'later');

    const warned = await done('repo list -raw');
    const refused = await espejo('db cleanup');
    const imported = await done('db import-aptly');
    const known = await done('repo list -raw');

    assert.deepEqual([listed.stderr, looked.stderr, known.stderr], ['', '', '']);
    assert.match(
      warned.stderr,
      /^warning: the aptly database .* was changed .*"espejo db import-aptly" takes over the changes$/m,
    );
    assert.match(refused.stderr, /^ERROR: the aptly database .*, and the pool holds its files: run /m);
    assert.equal(refused.exit, 1);
    assert.match(imported.stdout, /^Objects new or changed: 1; changed here and so left alone: \d+\.$/m);
    assert.equal(known.stdout, 'empty\nlater\nlocal\nother\n');
  });
});

/** The endpoint of the third publication, and GnuPG 1 keyrings, which both programs sign with. */
async function prepare({ directory }: AptlyRoot, key: SigningKey): Promise<void> {
  const configuration = {
    rootDir: directory,
    gpgProvider: 'internal',
    architectures: ['amd64'],
    FileSystemPublishEndpoints: { copies: { rootDir: join(directory, 'copies'), linkMethod: 'copy' } },
  };
  await writeFile(join(directory, 'aptly.conf'), JSON.stringify(configuration));
  const gnupg = join(directory, 'home/.gnupg');
  await mkdir(gnupg, { recursive: true, mode: 0o700 });
  const [stored] = await readPrivateKeysOf(key.directory);
  assert.ok(stored);
  await writeFile(join(gnupg, 'secring.gpg'), stored.key.write(), { mode: 0o600 });
  for (const name of ['pubring.gpg', 'trustedkeys.gpg'])
    await writeFile(join(gnupg, name), key.signer.publicKey.binary);
}

async function fill(root: AptlyRoot, archive: string): Promise<void> {
  const incoming = join(root.directory, 'incoming');
  await mkdir(incoming);
  for (const [name, version] of Object.entries({
    'local-a': '1.0',
    'local-b': '1.0',
    'local-c': '1.0',
    'local-d': '2.0',
  })) {
    await writeFile(join(incoming, `${name}.deb`), await buildDeb(makeDebSpec(name, version)));
  }
  const commands = [
    `mirror create all ${archive} xenial`,
    `mirror create updates ${archive} xenial-updates main`,
    'mirror update all',
    'mirror update updates',
    'repo create local',
    'repo create other',
    'repo create empty',
    `repo add local ${incoming}/local-a.deb ${incoming}/local-b.deb`,
    `repo add other ${incoming}/local-c.deb`,
    'snapshot create from-mirror from mirror all',
    'snapshot create from-updates from mirror updates',
    'snapshot create from-repo from repo local',
    'snapshot merge merged from-mirror from-repo',
    'publish snapshot -distribution=xenial from-mirror ubuntu',
    'publish snapshot -distribution=many -component=main,extra from-mirror from-repo',
    'publish repo -distribution=stable local filesystem:copies:deb',
    'publish snapshot -acquire-by-hash -distribution=wily merged ubuntu',
  ];
  for (const words of commands) await root.run(...words.split(' '));
}

/** What the database of espejo adds to the directory of aptly's. */
const ownFiles = /^(espejo\.db.*|lock\.db.*|lock\.json|locks|indexes)$/;

/** Names, sizes, times and content of all files of aptly's. */
async function fingerprint(directory: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(directory)).filter((one) => !ownFiles.test(one)).sort()) {
    const path = join(directory, name);
    hash.update(JSON.stringify([name, (await stat(path)).mtimeMs]));
    hash.update(await readFile(path));
  }
  return hash.digest('hex');
}
