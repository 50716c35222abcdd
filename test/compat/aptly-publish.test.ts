import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parseRelease } from '../../src/deb/release.ts';
import { skipWithoutAptly } from '../support/aptly.ts';
import { type PublishedTree, readPublishedTree } from '../support/oracle/published-tree.ts';
import { aptlySide, espejoSide, type Side } from '../support/oracle/side.ts';
import { splitWords } from '../support/oracle/words.ts';
import { quickDirectory, temporaryDirectory } from '../support/temporary-directory.ts';
import { incoming, threeSnapshots, universe } from './scenarios/fixtures.ts';
import { publisher } from './scenarios/keys.ts';

/** What the scenarios do not look at: names by hash, and trees between the steps. */
describe('what publishing leaves on disk, in aptly and espejo', { skip: skipWithoutAptly }, () => {
  const base = temporaryDirectory('aptly-publish', quickDirectory);
  const places = [join(base, 'aptly'), join(base, 'espejo')] as const;
  let aptly: Side;
  let espejo: Side;

  before(async () => {
    const place = (cwd: string) => ({
      cwd,
      files: { ...incoming, ...universe, ...publisher },
      config: {},
    });
    aptly = await aptlySide(place(places[0]));
    espejo = await espejoSide(place(places[1]));
    await both([...threeSnapshots, 'repo create -distribution=sid in', 'repo add in in']);
  });

  after(() => {
    aptly?.close();
    espejo?.close();
  });

  /** Runs lines that must not fail in both. */
  async function both(lines: readonly string[]): Promise<void> {
    for (const line of lines)
      for (const side of [aptly, espejo]) {
        const { exit, stderr } = await side.run(splitWords(line));
        assert.equal(exit, 0, `${line} in ${side.cwd}: ${stderr}`);
      }
  }

  /** Asserts that both trees have the same files with the same content; gives their paths. */
  async function assertSame(below = 'root/public'): Promise<readonly string[]> {
    const wanted = await treeOf(aptly, below);
    const found = await treeOf(espejo, below);
    assert.deepEqual(Object.keys(found), Object.keys(wanted));
    assert.deepEqual(found, wanted);
    return Object.keys(found);
  }

  it('several components, udebs, sources and all beside each other', async () => {
    await both(['publish repo -component=main,contrib -architectures=amd64,i386,source in r2 mix']);

    const paths = await assertSame('root/public/mix');

    for (const part of [
      'dists/sid/main/debian-installer/binary-i386/Packages.gz',
      'dists/sid/main/source/Sources.bz2',
      'dists/sid/main/Contents-udeb-i386.gz',
      'dists/sid/Contents-amd64.gz',
      'dists/sid/contrib/binary-i386/Packages',
    ])
      assert.ok(paths.includes(part), `${part} is not among ${paths.join(' ')}`);
  });

  it('names by hash of the indexes of packages', async () => {
    await both(['publish snapshot -acquire-by-hash -distribution=hash -skip-bz2 s1 bh']);

    await assertSame('root/public/bh');

    const [wanted = [], found = []] = await Promise.all(places.map((cwd) => plainHashes(cwd)));
    assert.deepEqual(found, wanted);
    assert.ok(found.length >= 4);
  });

  it('what is left of shared components after switch, update and drop, step by step', async () => {
    await both([
      'publish snapshot -distribution=a -component=main,extra s1 s2 sh',
      'publish snapshot -distribution=b -component=main s2 sh',
      'publish repo -distribution=c -component=extra r2 sh',
    ]);
    for (const lines of [
      ['publish switch -component=extra a sh s1'],
      ['repo remove r2 lib', 'publish update c sh'],
      ['publish switch -component=main,extra a sh s2 s2'],
      ['publish switch -skip-cleanup b sh s1'],
      ['publish switch b sh s2'],
      ['publish drop a sh'],
      ['publish drop c sh'],
    ]) {
      await both(lines);

      await assertSame('root/public/sh');
    }
  });

  it('-force-overwrite, of which 1.5.0 dies, gives what the specification says', async () => {
    await both(['publish snapshot -distribution=x s1 fo']);
    const plain = await espejo.run(splitWords('publish snapshot -distribution=y s3 fo'));

    const forced = await espejo.run(splitWords('publish snapshot -distribution=y -force-overwrite s3 fo'));

    assert.match(plain.stderr, /file already exists and is different/);
    assert.equal(forced.exit, 0, forced.stderr);
    const index = await readFile(
      join(espejo.cwd, 'root/public/fo/dists/y/main/binary-amd64/Packages'),
      'utf8',
    );
    const tree = await treeOf(espejo, 'root/public/fo');
    const [, sha256 = ''] = /^Package: docs\n(?:.+\n)*SHA256: (\S+)$/m.exec(index) ?? [];
    assert.equal(tree['pool/main/d/docs/docs_1.0_all.deb'], sha256);
  });
});

function treeOf({ cwd, exec }: Side, below: string): Promise<PublishedTree> {
  return readPublishedTree(join(cwd, below), { exec, keyring: join(cwd, 'home/.gnupg/pubring.gpg') });
}

/** Paths by hash of the plain files in the Release below `bh`, each found on disk; compressed ones are the compressor's. */
async function plainHashes(cwd: string): Promise<readonly string[]> {
  const dist = join(cwd, 'root/public/bh/dists/hash');
  const { files } = parseRelease(await readFile(join(dist, 'Release')), dist);
  const names = { md5: 'MD5Sum', sha1: 'SHA1', sha256: 'SHA256', sha512: 'SHA512' } as const;
  const paths: string[] = [];
  for (const [path, { digests }] of files)
    for (const digest of ['md5', 'sha1', 'sha256', 'sha512'] as const) {
      const folder = path.slice(0, path.lastIndexOf('/') + 1);
      const name = `${folder}by-hash/${names[digest]}/${digests[digest]}`;
      if (!path.endsWith('/Packages')) continue;
      assert.ok((await stat(join(dist, name))).isFile(), name);
      paths.push(name);
    }
  return paths.toSorted();
}
