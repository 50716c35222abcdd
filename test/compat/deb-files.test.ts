import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { buildDeb } from '../../src/deb/build-deb.ts';
import { bunzip2 } from '../../src/deb/bunzip2.ts';
import { parseControl, type Stanza } from '../../src/deb/control.ts';
import { packageOfDeb } from '../../src/deb/package-of-deb.ts';
import { packageOfDsc } from '../../src/deb/package-of-dsc.ts';
import { parseChanges, readChanges } from '../../src/deb/read-changes.ts';
import { readDebContents } from '../../src/deb/read-contents.ts';
import { readDebControl } from '../../src/deb/read-deb.ts';
import { inChunks } from '../support/chunks.ts';
import { collect } from '../support/collect.ts';
import { skipWithout } from '../support/programs.ts';
import { skipWithoutXenial, xenialDirectory } from '../support/xenial.ts';

const signal = new AbortController().signal;
const directory = mkdtempSync(join(tmpdir(), 'espejo-oracle-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const skipDpkg = skipWithout('dpkg-deb', '--version');
const skipGenuine = skipWithoutXenial === false ? skipDpkg : skipWithoutXenial;

/** Every ninth of the genuine packages: enough to meet both compressions of data, and quick. */
const genuine =
  skipGenuine === false
    ? readdirSync(join(xenialDirectory, 'ubuntu/pool'), { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.deb'))
        .sort()
        .filter((_, position) => position % 9 === 0)
        .map((path) => join(xenialDirectory, 'ubuntu/pool', path))
    : [];

test('control files of genuine packages are as dpkg-deb reads them', { skip: skipGenuine }, async () => {
  assert.ok(genuine.length > 10);
  for (const path of genuine) {
    const stanza = await readDebControl(path, { signal });

    assert.equal(`${stanza.raw.toString().trimEnd()}\n`, run('dpkg-deb', ['-f', path]).toString(), path);
  }
});

test('files of genuine packages are those that dpkg-deb and tar list', { skip: skipGenuine }, async () => {
  for (const path of genuine) {
    const contents = await readDebContents(path, { signal });

    assert.deepEqual(contents, tarListing(run('dpkg-deb', ['--fsys-tarfile', path])), path);
  }
});

test('genuine packages are what dpkg-scanpackages says', {
  skip: skipGenuine || skipWithout('dpkg-scanpackages', '--version'),
}, async () => {
  const flat = linked('scanned', genuine);

  await assertPackages(parseControl(run('dpkg-scanpackages', ['-m', '.'], flat), 'dpkg-scanpackages'), flat);
});

test('genuine packages are what apt-ftparchive says', {
  skip: skipGenuine || skipWithout('apt-ftparchive', '--version'),
}, async () => {
  const flat = linked('ftparchive', genuine);

  await assertPackages(parseControl(run('apt-ftparchive', ['packages', '.'], flat), 'apt-ftparchive'), flat);
});

test('genuine packages are what the index of their archive says', { skip: skipGenuine }, async () => {
  for (const path of genuine) {
    const pkg = await packageOfDeb(path, { signal });

    assert.ok(basename(path).startsWith(`${pkg.name}_${pkg.version.replace(/^\d+:/, '')}_`), path);
    assert.ok(path.includes(`/${pkg.source.name}/`), path);
  }
});

const odd = 'usr/share/caf\u00e9 x';

for (const compression of ['none', 'gzip', 'xz', 'zstd'] as const) {
  test(`packages that dpkg-deb builds are read: ${compression}`, { skip: skipDpkg }, async () => {
    const root = join(directory, `root-${compression}`);
    mkdirSync(join(root, 'DEBIAN'), { recursive: true });
    mkdirSync(join(root, `usr/share/${'long/'.repeat(40)}`), { recursive: true });
    writeFileSync(join(root, 'DEBIAN/control'), control);
    writeFileSync(join(root, `usr/share/${'long/'.repeat(40)}file`), 'x');
    writeFileSync(join(root, 'empty'), '');
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from(odd, 'latin1')]), 'x');
    symlinkSync('empty', join(root, 'link'));
    const path = join(directory, `built-${compression}.deb`);
    run('dpkg-deb', ['--root-owner-group', `-Z${compression}`, '-b', root, path]);

    const stanza = await readDebControl(path, { signal });
    const contents = await readDebContents(path, { signal });

    assert.equal(`${stanza.raw}\n`, control);
    assert.deepEqual(contents, ['empty', 'link', odd, `usr/share/${'long/'.repeat(40)}file`]);
  });
}

const tarForms = ['v7', 'ustar', 'gnu', 'oldgnu', 'pax'] as const;

for (const form of tarForms) {
  test(`tar archives of GNU tar are read: ${form}`, {
    skip: skipDpkg || skipWithout('tar', '--version'),
  }, async () => {
    const root = join(directory, `tar-${form}`);
    const deep = form === 'v7' ? 'd/short' : `d/${'long/'.repeat(30)}f`;
    mkdirSync(join(root, deep), { recursive: true });
    writeFileSync(join(root, deep, 'file'), 'x'.repeat(700));
    symlinkSync('d', join(root, 'link'));
    const tar = run('tar', ['-c', `--format=${form}`, '-C', root, '.']);
    const deb = join(directory, `tar-${form}.deb`);
    const parts = await membersOf(tar);
    run('ar', ['rc', deb, ...parts], directory);

    assert.deepEqual(await readDebContents(deb, { signal }), [`${deep}/file`, 'link']);
  });
}

test('bzip2 of all levels is inflated', { skip: skipWithout('bzip2', '--help') }, async () => {
  const input = Buffer.concat(
    Array.from({ length: 40 }, (_, index) =>
      index % 3 === 0 ? Buffer.alloc(9000, index) : Buffer.from(`${index * 7919} `.repeat(index * 90)),
    ),
  );
  for (const level of ['-1', '-2', '-9']) {
    const compressed = run('bzip2', ['-c', level], directory, input);

    const plain = Buffer.concat(await collect(bunzip2(inChunks(compressed, 1000), 'x.bz2')));

    assert.ok(plain.equals(input), level);
  }
});

const skipSources = skipWithout('dpkg-source', '--version') || skipWithout('dpkg-scansources', '--version');

test('a source package of dpkg-source is what dpkg-scansources says', { skip: skipSources }, async () => {
  const flat = builtSource();
  const dsc = join(flat, 'espejo-test_1.0.dsc');

  const { package: pkg, files } = await packageOfDsc(dsc, { signal });

  const [stanza] = parseControl(run('dpkg-scansources', ['.'], flat), 'dpkg-scansources');
  assert.ok(stanza !== undefined);
  assert.equal(files.length, 2);
  assertSameFields(pkg.stanza, stanza, ['directory', 'checksums-sha512', 'priority', 'section']);
});

test('an upload of dpkg-genchanges is read', {
  skip: skipSources || skipWithout('dpkg-genchanges', '--version'),
}, async () => {
  const flat = builtSource();
  const path = join(flat, 'espejo-test_1.0_source.changes');
  writeFileSync(path, run('dpkg-genchanges', ['-S'], join(flat, 'espejo-test-1.0')));

  const changes = parseChanges((await readChanges(path, { signal })).content, path);

  const { files } = await packageOfDsc(join(flat, 'espejo-test_1.0.dsc'), { signal });
  assert.deepEqual(changes.architectures, ['source']);
  assert.deepEqual(
    changes.files.map(({ name, facts }) => [name, facts.size, facts.digests.sha256]).sort(),
    files.map(({ name, facts }) => [name, facts.size, facts.digests.sha256]).sort(),
  );
});

const control =
  'Package: foo\nVersion: 1.0\nArchitecture: all\nMaintainer: A <a@example.org>\nDescription: x\n long\n';

async function membersOf(data: Buffer): Promise<readonly string[]> {
  const source = join(directory, 'source.deb');
  writeFileSync(source, await buildDeb({ control: { Package: 'foo', Version: '1', Architecture: 'all' } }));
  run('ar', ['x', source, 'debian-binary', 'control.tar.gz'], directory);
  writeFileSync(join(directory, 'data.tar'), data);
  return ['debian-binary', 'control.tar.gz', 'data.tar'];
}

/** A native source package, built; made anew for each caller. */
function builtSource(): string {
  const flat = mkdtempSync(join(directory, 'source-'));
  const tree = join(flat, 'espejo-test-1.0');
  mkdirSync(join(tree, 'debian/source'), { recursive: true });
  const maintainer = 'A <a@example.org>';
  const files = {
    'debian/control': `Source: espejo-test\nMaintainer: ${maintainer}\nSection: misc\nPriority: optional\nStandards-Version: 4.6.0\n\nPackage: espejo-test\nArchitecture: all\nDescription: x\n`,
    'debian/changelog': `espejo-test (1.0) unstable; urgency=low\n\n  * x\n\n -- ${maintainer}  Thu, 21 Apr 2016 23:23:46 +0000\n`,
    'debian/rules': '#!/usr/bin/make -f\n',
    'debian/source/format': '3.0 (native)\n',
  };
  for (const [path, text] of Object.entries(files)) writeFileSync(join(tree, path), text);
  run('dpkg-source', ['-b', tree], flat);
  return flat;
}

function linked(name: string, paths: readonly string[]): string {
  const flat = join(directory, name);
  mkdirSync(flat);
  for (const path of paths) symlinkSync(path, join(flat, basename(path)));
  return flat;
}

async function assertPackages(stanzas: readonly Stanza[], flat: string): Promise<void> {
  assert.equal(stanzas.length, readdirSync(flat).length);
  for (const stanza of stanzas) {
    const path = join(flat, stanza.get('Filename') ?? '');
    const pkg = await packageOfDeb(path, { signal });

    // dpkg-scanpackages and apt-ftparchive write the path below the directory they were asked for.
    assertSameFields(pkg.stanza, stanza, ['filename', 'sha512', 'description-md5']);
  }
}

/** The same words in the same fields, in whatever order of fields and lines. */
function assertSameFields(ours: Stanza, theirs: Stanza, except: readonly string[]): void {
  const words = (stanza: Stanza): readonly string[] =>
    stanza.fields
      .filter(({ name, value }) => !except.includes(name.toLowerCase()) && value !== '')
      .map(
        ({ name, value }) =>
          `${name.toLowerCase()}: ${value.split(/\s+/).filter(Boolean).toSorted().join(' ')}`,
      )
      .toSorted();

  assert.deepEqual(words(ours), words(theirs));
}

/** Lines of `tar -t`, whose quoting is switched off. */
function tarListing(tar: Buffer): readonly string[] {
  return run('tar', ['-t', '--quoting-style=literal'], directory, tar)
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '' && !line.endsWith('/'))
    .map((line) => line.replace(/^\.\//, ''))
    .toSorted();
}

function run(program: string, args: readonly string[], cwd = directory, input?: Buffer): Buffer {
  const env = { ...process.env, LC_ALL: 'C.UTF-8', SOURCE_DATE_EPOCH: '0' };
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, input, env, maxBuffer: 2 ** 28 });
  assert.equal(status, 0, `${program}: ${stderr}`);
  return stdout;
}
