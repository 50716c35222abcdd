import { mkdir, writeFile } from 'node:fs/promises';
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

export const component = 'main';

const date = new Date('2025-01-01T00:00:00Z');
const gzipAsync = promisify(gzip);

export type BuiltPackage = {
  /** Below the archive root. */
  readonly path: string;
  /** Base name. */
  readonly name: string;
  readonly sha256: string;
  readonly bytes: Buffer;
  /** Its stanza in an index. */
  readonly paragraph: string;
};

export async function buildPackage(spec: DebSpec): Promise<BuiltPackage> {
  const { Package = '', Version = '', Architecture = '', Source = Package } = spec.control;
  const bytes = await buildDeb(spec);
  const { size, digests } = digestsOf(bytes);
  const name = `${Package}_${Version.replace(/^\d+:/, '')}_${Architecture}.deb`;
  const path = `${publishedPoolDirectory(component, Source)}/${name}`;
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
  return { path, name, sha256: digests.sha256 ?? '', bytes, paragraph };
}

/**
 * Writes the index of one suite and its signed Release. As Ubuntu does: Release lists the plain index too, but only the
 * compressed ones can be fetched.
 */
export async function writeSuite(
  archive: string,
  suite: string,
  { plain, keyDirectory }: { readonly plain: Buffer; readonly keyDirectory: string },
): Promise<void> {
  const base = join(archive, 'dists', suite);
  await writeRelease(base, { suite, keyDirectory, listed: await writeIndexes(base, plain) });
}

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

type ReleaseFacts = {
  readonly suite: string;
  readonly keyDirectory: string;
  readonly listed: ReadonlyMap<string, FileFacts>;
};

async function writeRelease(base: string, { suite, keyDirectory, listed }: ReleaseFacts): Promise<void> {
  const userId = 'Espejo bench <bench@localhost>';
  await generateKey({ directory: keyDirectory, userId, now: date, rsaBits: 2048 });
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

export async function write(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
