import { join } from 'node:path';
import type { DebSpec } from '../../src/deb/build-deb.ts';
import { ballast } from './ballast.ts';
import { cached } from './cached.ts';
import { type BuiltPackage, buildPackage, write, writeSuite } from './write-archive.ts';

/** An archive on disk whose package files are all there, and a folder of packages for a local repository. */
export type BenchLibrary = {
  /** The archive root. */
  readonly archive: string;
  readonly suites: { readonly main: string; readonly updates: string };
  /** Packages that are in no suite. */
  readonly incoming: string;
  readonly keyring: string;
  readonly keyDirectory: string;
  readonly packages: number;
  readonly updated: number;
  readonly added: number;
  /** Changes with the generator. */
  readonly directory: string;
};

const suites = { main: 'bench', updates: 'bench-updates' } as const;
const packages = 60_000;
/** Every so many packages have a newer version among the updates. */
const updateDistance = 20;
const added = 1_000;
/** Built at once. */
const width = 64;

/** Makes the library, or finds the one that the same generator made before. */
export async function makeLibrary(cache: string): Promise<BenchLibrary> {
  const made = await cached(cache, ['ballast.ts', 'make-library.ts'], build);
  const keyDirectory = join(made.directory, 'keys');
  return {
    ...made,
    suites,
    packages,
    added,
    archive: join(made.directory, 'archive'),
    incoming: join(made.directory, 'incoming'),
    keyDirectory,
    keyring: join(keyDirectory, 'espejo.pub.gpg'),
  };
}

async function build(draft: string): Promise<Pick<BenchLibrary, 'updated'>> {
  const archive = join(draft, 'archive');
  const keyDirectory = join(draft, 'keys');
  const specs = [...ballast(packages, 61)].map(specOf);
  const newer = specs.filter((_, position) => position % updateDistance === 0).map(updateOf);
  const write = { archive, keyDirectory };
  await writePackages(specs, suites.main, write);
  await writePackages(newer, suites.updates, write);
  await buildAll(
    [...ballast(added, 62)].map(specOf).map((spec) => renamed(spec)),
    ({ name, bytes }) => writeIncoming(draft, name, bytes),
  );
  return { updated: newer.length };
}

async function writeIncoming(draft: string, name: string, bytes: Buffer): Promise<void> {
  await write(join(draft, 'incoming', name), bytes);
}

async function writePackages(
  specs: readonly DebSpec[],
  suite: string,
  { archive, keyDirectory }: { readonly archive: string; readonly keyDirectory: string },
): Promise<void> {
  const paragraphs: string[] = [];
  await buildAll(specs, async ({ path, bytes, paragraph }) => {
    await write(join(archive, path), bytes);
    paragraphs.push(`${paragraph}\n`);
  });
  await writeSuite(archive, suite, { plain: Buffer.from(paragraphs.sort().join('')), keyDirectory });
}

async function buildAll(
  specs: readonly DebSpec[],
  keep: (built: BuiltPackage) => Promise<void>,
): Promise<void> {
  for (let position = 0; position < specs.length; position += width) {
    await Promise.all(
      specs.slice(position, position + width).map(async (spec) => keep(await buildPackage(spec))),
    );
  }
}

/** What a file decides itself is left out of a paragraph. */
const fileFields = new Set(['Filename', 'Size', 'MD5sum', 'SHA1', 'SHA256', 'Description-md5']);

function specOf(paragraph: string): DebSpec {
  const fields = paragraph
    .trimEnd()
    .split('\n')
    .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const)
    .filter(([field]) => !fileFields.has(field));
  return withFiles({ control: Object.fromEntries(fields) });
}

function withFiles(spec: DebSpec): DebSpec {
  const { Package: name = '' } = spec.control;
  const documents = ['copyright', 'changelog.Debian', 'README'].map(
    (file) => `usr/share/doc/${name}/${file}`,
  );
  const parts = Array.from({ length: 6 }, (_, number) => `usr/lib/x86_64-linux-gnu/${name}/part${number}.so`);
  return { ...spec, files: Object.fromEntries([...documents, ...parts].map((path) => [path, `${path}\n`])) };
}

function updateOf(spec: DebSpec): DebSpec {
  return { ...spec, control: { ...spec.control, Version: `${spec.control['Version']}.1` } };
}

function renamed(spec: DebSpec): DebSpec {
  return withFiles({ control: { ...spec.control, Package: `local-${spec.control['Package']}` } });
}
