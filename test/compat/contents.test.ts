import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { buildDeb } from '../../src/deb/build-deb.ts';
import { packageOfDeb } from '../../src/deb/package-of-deb.ts';
import { readDebContents } from '../../src/deb/read-contents.ts';
import { ContentsRuns, renderContents } from '../../src/publish/contents-index.ts';
import { dataMember, debOf } from '../builders/package-files.ts';
import { type AptlyRoot, makeAptlyRoot, skipWithoutAptly } from '../support/aptly.ts';
import { temporaryFiles } from '../support/files.ts';
import { skipWithout } from '../support/programs.ts';
import { skipWithoutXenial, xenialDirectory } from '../support/xenial.ts';

const signal = new AbortController().signal;
const { directory } = temporaryFiles();

/**
 * Packages with paths in common, without a section, in two versions, and with names that sort oddly; no absolute paths,
 * of which aptly 1.5 loses two characters.
 */
async function writePackages(folder: string, put: (name: string, bytes: Buffer) => void): Promise<void> {
  const deb = (name: string, version: string, section: string | undefined, paths: readonly string[]) =>
    buildDeb({
      control: {
        Package: name,
        Version: version,
        Architecture: 'amd64',
        Maintainer: 'M <m@example.org>',
        Description: name,
        ...(section === undefined ? {} : { Section: section }),
      },
      files: Object.fromEntries(paths.map((path) => [path, 'x'])),
    });
  mkdirSync(folder, { recursive: true });
  put('alpha_1.deb', await deb('alpha', '1', 'net', ['usr/share/common', 'usr/share/z', 'etc/a']));
  put('alpha_2.deb', await deb('alpha', '2', 'net', ['usr/share/common', 'usr/share/new']));
  put('beta_1.deb', await deb('beta', '1', undefined, ['usr/share/common', 'usr/share-x/y', 'usr/share/Z']));
  put('gamma_1.deb', await deb('gamma', '1', 'admin', ['usr/share/common', 'usr/share/caf\u00e9', 'usr']));
  put('empty_1.deb', await deb('empty', '1', 'admin', []));
  put(
    'foo_1.deb',
    debOf({
      data: dataMember([{ path: './caf\u00e9' }, { path: './a b' }, { path: './d/', type: '5' }]),
    }),
  );
}

async function indexOf(paths: readonly string[]): Promise<string> {
  const runs = new ContentsRuns();
  for (const path of paths) {
    const { name, section } = await packageOfDeb(path, { signal });
    runs.add(section === '' ? name : `${section}/${name}`, await readDebContents(path, { signal }));
  }
  return Buffer.concat([...renderContents(runs.runs())]).toString('latin1');
}

function debsIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
}

describe('Contents of the real aptly', { skip: skipWithoutAptly }, () => {
  let root: AptlyRoot;
  before(async () => {
    root = await makeAptlyRoot();
  });
  after(() => root.remove());

  async function publishedContents(folder: string, distribution: string): Promise<string> {
    await root.run('repo', 'create', distribution);
    await root.run('repo', 'add', distribution, folder);
    await root.run(
      'publish',
      'repo',
      '-skip-signing',
      '-architectures=amd64',
      `-distribution=${distribution}`,
      distribution,
      distribution,
    );
    const tree = join(root.directory, 'public', distribution, 'dists', distribution);
    const ofComponent = gunzipSync(readFileSync(join(tree, 'main/Contents-amd64.gz'))).toString('latin1');
    const merged = gunzipSync(readFileSync(join(tree, 'Contents-amd64.gz'))).toString('latin1');
    assert.equal(merged, ofComponent);
    return ofComponent;
  }

  it('are what we make of the same packages', async () => {
    const folder = join(directory, 'made');
    await writePackages(folder, (name, bytes) => writeFileSync(join(folder, name), bytes));

    assert.equal(await indexOf(debsIn(folder)), await publishedContents(folder, 'made'));
  });

  it('are what we make of genuine packages', { skip: skipWithoutXenial }, async () => {
    const folder = genuineFolder();

    assert.equal(await indexOf(debsIn(folder)), await publishedContents(folder, 'genuine'));
  });
});

/** Every sixth of the genuine packages of one architecture. */
function genuineFolder(): string {
  const folder = join(directory, 'genuine');
  mkdirSync(folder, { recursive: true });
  const pool = join(xenialDirectory, 'ubuntu/pool');
  const debs = readdirSync(pool, { recursive: true, encoding: 'utf8' })
    .filter((path) => /_(?:amd64|all)\.deb$/.test(path))
    .sort()
    .filter((_, position) => position % 6 === 0);
  assert.ok(debs.length > 10);
  for (const path of debs) cpSync(join(pool, path), join(folder, path.split('/').at(-1) ?? path));
  return folder;
}

/** `<path> NUL <package>,<package>`: blanks between are of any number, sections are told by some only. */
function entries(index: string): readonly string[] {
  return index
    .split('\n')
    .map((line) => /^(.*\S)\s+(\S+)$/.exec(line) ?? [])
    .filter(([line, path]) => line !== undefined && path !== 'FILE')
    .map(([, path, places = '']) => `${path}\0${places.split(',').map(withoutSection).sort().join()}`)
    .sort();
}

function withoutSection(place: string): string {
  return place.slice(place.lastIndexOf('/') + 1);
}

it('apt-ftparchive lists the same files of genuine packages', {
  skip: skipWithoutXenial || skipWithout('apt-ftparchive', '--version'),
}, async () => {
  const folder = genuineFolder();
  const { stdout, status } = spawnSync('apt-ftparchive', ['contents', '.'], {
    cwd: folder,
    encoding: 'latin1',
    maxBuffer: 2 ** 28,
  });

  assert.equal(status, 0);
  assert.deepEqual(entries(await indexOf(debsIn(folder))), entries(stdout));
});
