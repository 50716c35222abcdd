import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { DebSpec } from '../../src/deb/build-deb.ts';
import { ballast } from './ballast.ts';
import { cached } from './cached.ts';
import { buildPackage, component, write, writeSuite } from './write-archive.ts';

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
export { component };

const stanzas = 60_000;
const requestedPackages = 20;
/** Each requested package brings this many that only it needs. */
const dependenciesOfEach = 2;

/** Makes the upstream, or finds the one that the same generator made before. */
export async function makeUpstream(cache: string): Promise<BenchUpstream> {
  const made = await cached(cache, ['ballast.ts', 'make-upstream.ts'], build);
  const keyDirectory = join(made.directory, 'keys');
  return {
    ...made,
    directory: join(made.directory, 'archive'),
    keyDirectory,
    keyring: join(keyDirectory, 'espejo.pub.gpg'),
  };
}

async function build(
  draft: string,
): Promise<Pick<BenchUpstream, 'requested' | 'files' | 'stanzas' | 'plainBytes'>> {
  const archive = join(draft, 'archive');
  const packages = await Promise.all(wantedPackages().map(buildPackage));
  for (const { path, bytes } of packages) await write(join(archive, path), bytes);
  const plain = spread(
    packages.map(({ paragraph }) => paragraph),
    [...ballast(stanzas - packages.length, 60)],
  );
  await writeSuite(archive, suite, { plain, keyDirectory: join(draft, 'keys') });
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

/** The few among the many, at even distances. */
function spread(few: readonly string[], many: readonly string[]): Buffer {
  const distance = Math.floor(many.length / few.length);
  const mixed = many.flatMap((paragraph, position) => {
    const guest = position % distance === 0 ? few[position / distance] : undefined;
    return guest === undefined ? [paragraph] : [guest, paragraph];
  });
  return Buffer.from(mixed.map((paragraph) => `${paragraph}\n`).join(''));
}
