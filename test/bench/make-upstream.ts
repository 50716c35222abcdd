import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { digestsOf, type FileFacts } from '../../src/core/digest.ts';
import { buildDeb, type DebSpec } from '../../src/deb/build-deb.ts';
import { byHashPath, publishedPoolDirectory } from '../../src/deb/paths.ts';
import { renderRelease } from '../../src/deb/release.ts';
import { compressXz } from '../../src/deb/xz.ts';
import { generateKey } from '../../src/openpgp/generate-key.ts';
import { loadSigner } from '../../src/openpgp/signer.ts';
import { ballast } from './ballast.ts';

/** An upstream on disk: one suite, one component, amd64. */
export type BenchUpstream = {
  /** The archive root: `dists/` and `pool/`. */
  readonly directory: string;
  /** The public key that signed it, binary. */
  readonly keyring: string;
  /** Holds the private key, for the publications of both programs. */
  readonly keyDirectory: string;
  /** Names to ask for. */
  readonly requested: readonly string[];
  /** Base name and SHA-256 of every file that a right selection downloads. */
  readonly files: Readonly<Record<string, string>>;
  readonly stanzas: number;
  readonly plainBytes: number;
};

export const suite = 'bench';
export const component = 'main';

const stanzas = 60_000;
const requestedPackages = 20;
/** Each requested package brings this many that only it needs. */
const dependenciesOfEach = 2;
const date = new Date('2025-01-01T00:00:00Z');
const gzipAsync = promisify(gzip);

/** Makes the upstream, or finds the one that the same generator made before. */
export async function makeUpstream(cache: string): Promise<BenchUpstream> {
  const directory = join(cache, await generatorId());
  const facts = join(directory, 'upstream.json');
  const isMade = await access(facts).then(
    () => true,
    () => false,
  );
  if (!isMade) {
    const draft = `${directory}.draft`;
    await rm(draft, { recursive: true, force: true });
    const made = await build(draft);
    await write(join(draft, 'upstream.json'), JSON.stringify(made));
    await rename(draft, directory);
  }
  const made = JSON.parse(await readFile(facts, 'utf8')) as Awaited<ReturnType<typeof build>>;
  const keyDirectory = join(directory, 'keys');
  return {
    ...made,
    directory: join(directory, 'archive'),
    keyDirectory,
    keyring: join(keyDirectory, 'espejo.pub.gpg'),
  };
}

/** Changes whenever the text of the generator does. */
async function generatorId(): Promise<string> {
  const hash = createHash('sha256');
  for (const name of ['ballast.ts', 'make-upstream.ts'])
    hash.update(await readFile(join(import.meta.dirname, name)));
  return hash.digest('hex').slice(0, 16);
}

async function build(
  draft: string,
): Promise<Pick<BenchUpstream, 'requested' | 'files' | 'stanzas' | 'plainBytes'>> {
  const archive = join(draft, 'archive');
  const packages = await Promise.all(wantedPackages().map(addPackage));
  for (const { path, bytes } of packages) await write(join(archive, path), bytes);
  const plain = spread(
    packages.map(({ paragraph }) => paragraph),
    [...ballast(stanzas - packages.length, 60)],
  );
  const listed = await writeIndexes(join(archive, 'dists', suite), plain);
  await writeRelease(join(archive, 'dists', suite), join(draft, 'keys'), listed);
  return {
    requested: wantedPackages()
      .filter((_, position) => position % (1 + dependenciesOfEach) === 0)
      .map(({ control }) => control['Package'] ?? ''),
    files: Object.fromEntries(packages.map(({ name, sha256 }) => [name, sha256])),
    stanzas,
    plainBytes: plain.byteLength,
  };
}

/** Each requested package needs the next two: one by a plain name with a version, one through the other. */
function wantedPackages(): readonly DebSpec[] {
  return Array.from({ length: requestedPackages }, (_, position) => [
    wanted(`bench-tool${position}`, `bench-lib${position} (>= 1.0)`, 40_000 + position * 1_000),
    wanted(`bench-lib${position}`, `bench-data${position}`, 20_000),
    wanted(`bench-data${position}`, '', 5_000 + position * 100),
  ]).flat();
}

function wanted(name: string, depends: string, bytes: number): DebSpec {
  return {
    control: {
      Package: name,
      Version: '1.2-3ubuntu1',
      Architecture: 'amd64',
      Maintainer: 'Espejo bench <bench@localhost>',
      Priority: 'optional',
      Section: 'utils',
      ...(depends === '' ? {} : { Depends: depends }),
      Description: `${name}, a package that the bench selects`,
    },
    files: { [`usr/share/${name}/noise`]: noise(name, bytes) },
    compression: 'xz',
  };
}

/** Bytes that do not compress. */
function noise(seed: string, bytes: number): Buffer {
  return createHash('shake256', { outputLength: bytes }).update(seed).digest();
}

type WrittenPackage = {
  readonly path: string;
  readonly name: string;
  readonly sha256: string;
  readonly bytes: Buffer;
  readonly paragraph: string;
};

async function addPackage(spec: DebSpec): Promise<WrittenPackage> {
  const { Package: name = '', Version: version = '' } = spec.control;
  const bytes = await buildDeb(spec);
  const { size, digests } = digestsOf(bytes);
  const file = `${name}_${version}_amd64.deb`;
  const path = `${publishedPoolDirectory(component, name)}/${file}`;
  const fields = {
    ...spec.control,
    Filename: path,
    Size: String(size),
    MD5sum: digests.md5,
    SHA1: digests.sha1,
    SHA256: digests.sha256,
  };
  const paragraph = Object.entries(fields)
    .map(([field, value]) => `${field}: ${value}\n`)
    .join('');
  return { path, name: file, sha256: digests.sha256 ?? '', bytes, paragraph };
}

/** The few among the many, at even distances. */
function spread(few: readonly string[], many: readonly string[]): Buffer {
  const distance = Math.floor(many.length / few.length);
  const mixed = many.flatMap((paragraph, position) => {
    const guest = position % distance === 0 ? few[position / distance] : undefined;
    return guest === undefined ? [paragraph] : [guest, paragraph];
  });
  return Buffer.from(mixed.map((paragraph) => `${paragraph}\n`).join(''));
}

/** As Ubuntu does: Release lists the plain index too, but only the compressed ones can be fetched. */
async function writeIndexes(base: string, plain: Buffer): Promise<ReadonlyMap<string, FileFacts>> {
  const path = `${component}/binary-amd64/Packages`;
  const listed = new Map<string, FileFacts>([[path, digestsOf(plain)]]);
  const [gz, xz] = await Promise.all([gzipAsync(plain, { level: 9 }), compressXz(plain)]);
  for (const [suffix, bytes] of Object.entries({ '.gz': gz, '.xz': xz })) {
    const facts = digestsOf(bytes);
    listed.set(path + suffix, facts);
    await write(join(base, path + suffix), bytes);
    await write(join(base, byHashPath(path + suffix, 'sha256', facts.digests.sha256 ?? '')), bytes);
  }
  return listed;
}

async function writeRelease(
  base: string,
  keyDirectory: string,
  listed: ReadonlyMap<string, FileFacts>,
): Promise<void> {
  await generateKey({
    directory: keyDirectory,
    userId: 'Espejo bench <bench@localhost>',
    now: date,
    rsaBits: 2048,
  });
  const signer = await loadSigner({ directory: keyDirectory });
  const release = renderRelease(
    {
      origin: 'Espejo bench',
      label: 'Espejo bench',
      suite,
      codename: suite,
      date,
      acquireByHash: true,
      architectures: ['amd64'],
      components: [component],
      description: 'An upstream that a bench made in code',
    },
    listed,
  );
  await write(join(base, 'Release'), release);
  await write(join(base, 'Release.gpg'), await signer.detachSign(release, date));
  await write(join(base, 'InRelease'), await signer.clearsign(release, date));
}

async function write(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
