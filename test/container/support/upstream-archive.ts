import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { runProgram } from './run-program.ts';

/**
 * An archive made with Debian's own tools (dpkg-deb, dpkg-scanpackages, gpg), so that these tests do not hold
 * espejo's writers against themselves.
 */
export type UpstreamArchive = {
  /** What its web server serves. */
  readonly directory: string;
  /** Binary keyring with the key that signs it. */
  readonly keyring: string;
  readonly suite: string;
  addPackage(spec: PackageSpec): Promise<void>;
  /** Renders and signs the indexes of all that is in `pool/`. */
  release(): Promise<void>;
  remove(): Promise<void>;
};

export type PackageSpec = {
  readonly name: string;
  readonly version: string;
  /** `libgreeting (>= 1.0)` */
  readonly depends?: string;
};

export async function makeUpstreamArchive(suite: string): Promise<UpstreamArchive> {
  const root = await mkdtemp(join(tmpdir(), 'espejo-upstream-'));
  // Another user of the upstream container reads it.
  await chmod(root, 0o755);
  const directory = join(root, 'archive');
  const keyring = join(root, 'upstream.gpg');
  const gpg = (...args: string[]) =>
    runProgram('gpg', ['--homedir', join(root, 'gnupg'), '--batch', '--yes', ...args]);
  await mkdir(join(root, 'gnupg'), { mode: 0o700 });
  await mkdir(join(directory, 'pool'), { recursive: true });
  await gpg(
    '--passphrase',
    '',
    '--quick-generate-key',
    'Test archive <archive@example.org>',
    'rsa3072',
    'sign',
    'never',
  );
  await gpg('--output', keyring, '--export');
  return {
    directory,
    keyring,
    suite,
    addPackage: (spec) => addPackage(root, spec),
    release: () => release(directory, suite, gpg),
    remove: async () => {
      await runProgram('gpgconf', ['--homedir', join(root, 'gnupg'), '--kill', 'all']);
      await rm(root, { recursive: true, force: true });
    },
  };
}

async function addPackage(root: string, { name, version, depends }: PackageSpec): Promise<void> {
  const tree = await mkdtemp(join(root, 'tree-'));
  await chmod(tree, 0o755);
  await mkdir(join(tree, 'DEBIAN'));
  await mkdir(join(tree, 'usr/share', name), { recursive: true });
  await writeFile(join(tree, 'usr/share', name, 'version'), `${version}\n`);
  const control = [
    `Package: ${name}`,
    `Version: ${version}`,
    'Architecture: amd64',
    'Maintainer: Test archive <archive@example.org>',
    'Section: misc',
    'Priority: optional',
    ...(depends === undefined ? [] : [`Depends: ${depends}`]),
    'Description: a package for tests',
  ];
  await writeFile(join(tree, 'DEBIAN/control'), `${control.join('\n')}\n`);
  const target = join(root, 'archive/pool', `${name}_${version}_amd64.deb`);
  await runProgram('dpkg-deb', ['--root-owner-group', '--build', tree, target]);
  await rm(tree, { recursive: true });
}

async function release(
  directory: string,
  suite: string,
  gpg: (...args: string[]) => Promise<string>,
): Promise<void> {
  const dists = join(directory, 'dists', suite);
  const binary = 'main/binary-amd64';
  await mkdir(join(dists, binary), { recursive: true });
  const text = await runProgram('dpkg-scanpackages', ['--multiversion', 'pool'], { cwd: directory });
  const packages = Buffer.from(text);
  const files = new Map([
    [`${binary}/Packages`, packages],
    [`${binary}/Packages.gz`, gzipSync(packages)],
    [`${binary}/Release`, Buffer.from(`Archive: ${suite}\nComponent: main\nArchitecture: amd64\n`)],
  ]);
  for (const [path, content] of files) await writeFile(join(dists, path), content);
  await writeFile(join(dists, 'Release'), releaseText(suite, files));
  await gpg('--output', join(dists, 'Release.gpg'), '--armor', '--detach-sign', join(dists, 'Release'));
  await gpg('--output', join(dists, 'InRelease'), '--clearsign', join(dists, 'Release'));
}

function releaseText(suite: string, files: ReadonlyMap<string, Buffer>): string {
  const section = (title: string, algorithm: 'md5' | 'sha1' | 'sha256') => [
    `${title}:`,
    ...[...files].map(
      ([path, content]) =>
        ` ${createHash(algorithm).update(content).digest('hex')} ${content.length} ${path}`,
    ),
  ];
  const lines = [
    'Origin: Ubuntu',
    'Label: Ubuntu',
    `Suite: ${suite}`,
    `Codename: ${suite}`,
    `Date: ${new Date().toUTCString().replace('GMT', 'UTC')}`,
    'Architectures: amd64',
    'Components: main',
    'Description: a test archive',
    ...section('MD5Sum', 'md5'),
    ...section('SHA1', 'sha1'),
    ...section('SHA256', 'sha256'),
  ];
  return `${lines.join('\n')}\n`;
}
