import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { digestsOf } from '../../src/core/digest.ts';
import { renderRelease } from '../../src/deb/release.ts';
import { type Compression, inflateIndex } from '../../src/mirror/inflate.ts';
import { makeAptClient } from '../support/apt-client.ts';
import { collect } from '../support/collect.ts';
import { skipWithout } from '../support/programs.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const programs = ['apt-get', 'xz', 'bzip2', 'lz4'];
const skip =
  programs.map((program) => skipWithout(program, '--version')).find((reason) => reason !== false) ?? false;

const first = `Package: alpha\nVersion: 1\nArchitecture: amd64\nFilename: pool/a.deb\nSize: 1\nSHA256: ${'1'.repeat(64)}\n\n`;
const second = first.replaceAll('alpha', 'beta').replaceAll('pool/a', 'pool/b');

type Form = Exclude<Compression, 'none'>;

const compressors: Readonly<Record<Form, (text: string) => Buffer>> = {
  gz: (text) => gzipSync(text),
  zst: (text) => zstdCompressSync(text),
  xz: (text) => through('xz', ['-c'], text),
  lzma: (text) => through('xz', ['-c', '--format=lzma'], text),
  bz2: (text) => through('bzip2', ['-c'], text),
  lz4: (text) => through('lz4', ['-q', '-c', '-z'], text),
};

function through(program: string, words: readonly string[], input: string): Buffer {
  const { stdout, status } = spawnSync(program, words, { input });
  assert.equal(status, 0, program);
  return stdout;
}

type Case = { readonly bytes: Buffer; readonly plain: string };

/** An index whose file has something behind its first stream, and what Release says that it inflates to. */
function casesOf(compress: (text: string) => Buffer): Readonly<Record<string, Case>> {
  const one = compress(first);
  const two = compress(second);
  const behind = (bytes: Buffer | string, plain = first): Case => ({
    bytes: Buffer.concat([one, Buffer.from(bytes)]),
    plain,
  });
  return {
    alone: behind(''),
    zero: behind('\0'),
    zeros: behind('\0'.repeat(512)),
    text: behind('garbage here and more of it'),
    byte: behind('x'),
    'empty stream': behind(compress('')),
    'second stream, promised': behind(two, first + second),
    'second stream, not promised': behind(two),
    'half of a second stream': behind(two.subarray(0, -9)),
    'zeros and a second stream': behind(Buffer.concat([Buffer.alloc(8), two])),
  };
}

async function espejoReads(form: Form, { bytes, plain }: Case): Promise<boolean> {
  const { signal } = new AbortController();
  const inflation = { what: 'index', maxBytes: 10_000, plainBytes: plain.length, signal };
  async function* body(): AsyncGenerator<Uint8Array> {
    yield bytes;
  }
  const found = await inflateIndex(body(), form, inflation, collect).then(
    (chunks) => Buffer.concat(chunks).toString(),
    () => undefined,
  );
  return found === plain;
}

describe('forms of an index', { skip }, () => {
  for (const form of Object.keys(compressors) as readonly Form[]) {
    test(`${form}: what apt reads espejo reads`, async (context) => {
      const directory = temporaryDirectory('index-forms');
      const cases = Object.entries(casesOf(compressors[form]));
      const put = (path: string, bytes: Buffer): void => {
        mkdirSync(dirname(join(directory, path)), { recursive: true });
        writeFileSync(join(directory, path), bytes);
      };
      for (const [at, [, { bytes, plain }]] of cases.entries()) {
        const path = 'main/binary-amd64/Packages';
        const listed = new Map([
          [path, digestsOf(Buffer.from(plain))],
          [`${path}.${form}`, digestsOf(bytes)],
        ]);
        const fields = { origin: 'x', label: 'x', suite: `s${at}`, codename: `s${at}`, date: new Date(0) };
        put(`dists/s${at}/${path}.${form}`, bytes);
        put(
          `dists/s${at}/Release`,
          renderRelease(
            { ...fields, acquireByHash: false, architectures: ['amd64'], components: ['main'] },
            listed,
          ),
        );
      }

      for (const [at, [name, one]] of cases.entries()) {
        const url = pathToFileURL(directory).href.replace(/^file:\/\//, 'copy:');
        const client = await makeAptClient(context, {
          sources: [`deb [trusted=yes] ${url} s${at} main`],
          key: Buffer.alloc(0),
        });
        const { status, stderr } = await client.apt('update');
        const names = (await client.available()).join('\n').match(/^Package: .*$/gm) ?? [];
        const aptReads = status === 0 && names.length === one.plain.split('Package:').length - 1;

        const reads = await espejoReads(form, one);

        // What apt refuses may be read: espejo publishes indexes of its own.
        if (aptReads) assert.ok(reads, `${form}, ${name}: apt reads it`);
        else assert.match(stderr, /Hash Sum mismatch|Read error|end of file/, `${form}, ${name}`);
        if (form === 'zst' || form === 'gz') assert.equal(reads, aptReads, `${form}, ${name}`);
      }
    });
  }
});
