import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { digestsOf, sha256Hex } from '../../../src/core/digest.ts';
import type { Side } from './side.ts';

/** What a file of the published tree says, by its path; what belongs to the moment and to the compressor is left out. */
export type PublishedTree = Readonly<Record<string, string>>;

type Reader = {
  readonly exec: Side['exec'];
  /** Undefined: nothing is verified. */
  readonly keyring: string | undefined;
};

/**
 * Reads a published tree as a client sees it. Names by hash are checked against their content and then left out, and so are
 * names with a dot, which no client asks for. Indexes are decompressed; of Release files the fields and the lists of plain
 * files count; signatures are verified.
 */
export async function readPublishedTree(root: string, reader: Reader): Promise<PublishedTree> {
  const tree: Record<string, string> = {};
  for (const path of await filesOf(root)) {
    const file = join(root, path);
    if (path.includes('/by-hash/')) await assertHash(file);
    else tree[path] = await describe(file, reader);
  }
  return tree;
}

async function filesOf(root: string, folder = ''): Promise<readonly string[]> {
  const names = await readdir(join(root, folder)).catch((): string[] => []);
  const lists = names
    .filter((name) => !name.startsWith('.'))
    .toSorted()
    .map(async (name) => {
      const path = join(folder, name);
      return (await stat(join(root, path))).isDirectory() ? await filesOf(root, path) : [path];
    });
  return (await Promise.all(lists)).flat();
}

async function assertHash(file: string): Promise<void> {
  const { digests } = digestsOf(await readFile(file));
  const name = file.split('/').at(-2)?.toLowerCase().replace('md5sum', 'md5') as keyof typeof digests;
  if (basename(file).length === digests[name]?.length) assert.equal(basename(file), digests[name], file);
}

async function describe(file: string, reader: Reader): Promise<string> {
  const name = basename(file);
  if (name.endsWith('.gz') && file.includes('/dists/')) return textOf(gunzipSync(await readFile(file)));
  if (name.endsWith('.bz2') && file.includes('/dists/'))
    return (await reader.exec('bzip2', ['-dc', file])).stdout;
  if (name === 'InRelease') return await signed(file, [file], reader);
  if (name === 'Release.gpg') return await signed(file, [file, file.slice(0, -4)], reader);
  const bytes = await readFile(file);
  if (name === 'Release') return releaseFacts(bytes.toString());
  return file.includes('/dists/') ? textOf(bytes) : sha256Hex(bytes);
}

async function signed(file: string, files: readonly string[], { exec, keyring }: Reader): Promise<string> {
  if (keyring !== undefined) {
    const { exit, stderr } = await exec('gpgv', ['--keyring', keyring, ...files]);
    assert.equal(exit, 0, `${file}: ${stderr}`);
  }
  if (!file.endsWith('InRelease')) return 'a signature';
  const text = await readFile(file, 'utf8');
  const body = text.split('\n\n').slice(1).join('\n\n').split('-----BEGIN PGP SIGNATURE', 1)[0] ?? '';
  return releaseFacts(body);
}

/**
 * Fields but dates and the by-line, and the listed files: the names alone of those whose bytes are the compressor's, and of
 * the Release files of components, which have a codename since 1.6. In no order and once each, as 1.5.0 has other orders and
 * writes that of sources twice.
 */
function releaseFacts(text: string): string {
  const lines = text.trimEnd().split('\n');
  const left = lines.some((line) => line.startsWith('Component: '))
    ? /^(Date|Codename):/
    : /^(Date|Valid-Until|Description):/;
  const facts = lines
    .filter((line) => !left.test(line))
    .map((line) => {
      const [, digest = '', size = '', path = ''] = /^ (\w+) +(\d+) (\S+)$/.exec(line) ?? [];
      if (path === '') return line.trimEnd();
      return /\.(gz|bz2)$|\/Release$/.test(path) ? ` ${path}` : ` ${digest} ${size} ${path}`;
    });
  return [...new Set(facts)].toSorted().join('\n');
}

function textOf(bytes: Buffer): string {
  return bytes.toString('latin1');
}
