import { EspejoError } from '../core/errors.ts';
import { type ByteSource, FileSource, StreamSource } from './byte-source.ts';
import { parseStanza, type Stanza } from './control.ts';
import { type Compression, inflate } from './inflate.ts';
import { type OpenFile, withPackageFile } from './open-package-file.ts';
import { malformed, notAPackage } from './package-format.ts';
import { type ArEntry, readAr } from './read-ar.ts';
import { readTar, type TarEntry } from './read-tar.ts';

/** What a package file may cost its reader; all in bytes. */
export type DebLimits = {
  /** Of the inflated control archive; default 16 MiB. */
  readonly controlBytes: number;
  /** Of the inflated data archive, of which nothing is kept; default 64 GiB. */
  readonly dataBytes: number;
  /** Of the list of files, 64 for each path besides its length; default 128 MiB. */
  readonly listingBytes: number;
};

export type DebReading = {
  readonly signal: AbortSignal;
  readonly limits?: Partial<DebLimits>;
};

/**
 * Reads the control paragraph of a binary package file (deb(5)): the archive is walked to its end, so a file that was
 * cut short shows, but its data are not inflated.
 * @throws E_DEB_FORMAT naming file and place; E_CONTROL_SYNTAX; E_SIZE_LIMIT; E_IO, E_PERMISSION; E_ABORTED
 */
export async function readDebControl(path: string, reading: DebReading): Promise<Stanza> {
  return await withPackageFile(path, reading.signal, (file) => readControlOf(file, path, reading));
}

/** As {@link readDebControl}, of a file that is open. */
export async function readControlOf(file: OpenFile, path: string, reading: DebReading): Promise<Stanza> {
  const source = new FileSource(file, reading.signal);
  const control = await readPart(source, path, 'control', (member, compression) => {
    const what = `${path}: ${member.name}`;
    const inflation = { what, maxBytes: limitsOf(reading).controlBytes, signal: reading.signal };
    return inflate(chunksOf(member.content), compression, inflation, (plain) => controlFile(plain, what));
  });
  return parseStanza(control, `${path}: control`);
}

/**
 * Lists the files that a binary package installs: paths without `./` or `/` before them, no directories, each once, in
 * the order of their bytes. Bodies are passed over; nothing is written anywhere.
 * @param reading `encoding`: how bytes become characters, by default UTF-8; with `latin1` every character is one byte,
 *   so that names which are no UTF-8 survive
 * @throws E_DEB_FORMAT naming file and place; E_UNSAFE_PATH for `..`, NUL or a line end in a path, and for paths over
 *   4 KiB; E_SIZE_LIMIT; E_IO, E_PERMISSION; E_ABORTED
 */
export async function readDebContents(
  path: string,
  reading: DebReading & { readonly encoding?: 'utf8' | 'latin1' },
): Promise<readonly string[]> {
  const { signal, encoding = 'utf8' } = reading;
  const limits = limitsOf(reading);
  const paths = await withPackageFile(path, signal, (file) =>
    readPart(new FileSource(file, signal), path, 'data', async (member, compression) => {
      const what = `${path}: ${member.name}`;
      const inflation = { what, maxBytes: limits.dataBytes, signal };
      const [bytes, form] = await toleratePlain(member.content, compression);
      return await inflate(bytes, form, inflation, (plain) => listFiles(plain, what, limits.listingBytes));
    }),
  );
  return encoding === 'latin1' ? paths : paths.map((one) => Buffer.from(one, 'latin1').toString('utf8'));
}

type Part = 'control' | 'data';

const partNames = ['control', 'data'] as const;

/** What aptly reads (semantics.md 8.1); dpkg reads less of the second. */
const partCompressions: Readonly<Record<Part, readonly Compression[]>> = {
  control: ['', '.gz', '.xz', '.zst'],
  data: ['', '.gz', '.bz2', '.xz', '.lzma', '.zst'],
};

function limitsOf({ limits = {} }: DebReading): DebLimits {
  return { controlBytes: 16 * 2 ** 20, dataBytes: 64 * 2 ** 30, listingBytes: 128 * 2 ** 20, ...limits };
}

/**
 * Walks over the members of a .deb and reads one of its two parts. Members that are neither (`_gpgbuilder`) are passed
 * over; a part that is there twice is refused, because programs differ in which they take.
 */
async function readPart<Result>(
  source: ByteSource,
  what: string,
  part: Part,
  read: (member: ArEntry, compression: Compression) => Promise<Result>,
): Promise<Result> {
  const seen = new Set<Part>();
  let found: { readonly result: Result } | undefined;
  let isFirst = true;
  for await (const member of readAr(source, { what })) {
    if (isFirst) await checkFormat(member, what);
    isFirst = false;
    const present = partNames.find((name) => isPart(member.name, name));
    if (present === undefined) continue;
    if (seen.has(present)) throw malformed({ what, offset: member.offset }, `it has two ${present}.tar`);
    seen.add(present);
    if (present === part) found = { result: await read(member, compressionOf(member, what, part)) };
  }
  for (const name of partNames) if (!seen.has(name)) throw notAPackage(what, `it has no ${name}.tar`);
  if (found === undefined) throw notAPackage(what, `it has no ${part}.tar`);
  return found.result;
}

/** The first member tells the version of the format, on its first line: `2.0`. */
async function checkFormat(member: ArEntry, what: string): Promise<void> {
  const version = member.name === 'debian-binary' ? (await member.content.chunk(16)).toString('latin1') : '';
  if (/^2\.[0-9]+\n/.test(version)) return;
  throw malformed({ what, offset: member.offset }, 'it is not a Debian package of format 2');
}

function isPart(member: string, part: Part): boolean {
  return member === `${part}.tar` || member.startsWith(`${part}.tar.`);
}

function compressionOf({ name, offset }: ArEntry, what: string, part: Part): Compression {
  const suffix = name.slice(`${part}.tar`.length);
  const compression = partCompressions[part].find((known) => known === suffix);
  if (compression !== undefined) return compression;
  throw malformed({ what, offset }, `${name} is compressed in a way that is not supported`);
}

/** An archive named .gz that is none is taken as it is; old tools made such. */
async function toleratePlain(
  content: ByteSource,
  compression: Compression,
): Promise<readonly [AsyncIterable<Uint8Array>, Compression]> {
  if (compression !== '.gz') return [chunksOf(content), compression];
  const first = await content.chunk(chunkBytes);
  const isGzip = first[0] === 0x1f && first[1] === 0x8b;
  return [chunksOf(content, first), isGzip ? compression : ''];
}

const chunkBytes = 128 * 1024;

async function* chunksOf(content: ByteSource, first?: Buffer): AsyncGenerator<Uint8Array> {
  if (first !== undefined && first.length > 0) yield first;
  for (;;) {
    const chunk = await content.chunk(chunkBytes);
    if (chunk.length === 0) return;
    yield chunk;
  }
}

async function controlFile(plain: AsyncIterable<Uint8Array>, what: string): Promise<Buffer> {
  let control: Buffer | undefined;
  for await (const entry of readTar(new StreamSource(plain), what)) {
    if (entry.path !== 'control' && entry.path !== './control') continue;
    if (entry.kind !== 'file') throw notAPackage(what, 'control is not a regular file');
    if (control !== undefined) throw notAPackage(what, 'it has two control files');
    control = await entry.read();
  }
  if (control === undefined) throw notAPackage(what, 'it has no control file');
  return control;
}

/** Sorted; one character for each byte. */
async function listFiles(
  plain: AsyncIterable<Uint8Array>,
  what: string,
  maxBytes: number,
): Promise<readonly string[]> {
  const paths = new Set<string>();
  let bytes = 0;
  for await (const entry of readTar(new StreamSource(plain), what)) {
    const path = installedPath(entry, what);
    if (path === '' || entry.kind === 'directory') continue;
    bytes += path.length + 64;
    if (bytes > maxBytes) {
      throw new EspejoError('E_SIZE_LIMIT', `${what}: its list of files has more than ${maxBytes} bytes`, {
        context: { file: what, maxBytes },
      });
    }
    paths.add(path);
  }
  return Array.from(paths).sort();
}

const maxPathBytes = 4096;

/** A path that stands in one line of an index and stays below the root. */
function installedPath({ path }: TarEntry, what: string): string {
  let start = 0;
  while (path[start] === '/' || path.startsWith('./', start)) start += path[start] === '/' ? 1 : 2;
  const plain = path.slice(start);
  const problem =
    plain.length > maxPathBytes
      ? 'it is too long'
      : plain.includes('\0') || plain.includes('\n')
        ? 'it has a NUL or a line end'
        : plain.split('/').includes('..')
          ? 'it has a ".." part'
          : undefined;
  if (problem === undefined) return plain === '.' ? '' : plain;
  const shown = plain.slice(0, 200);
  throw new EspejoError('E_UNSAFE_PATH', `${what}: path "${shown}" is refused: ${problem}`, {
    context: { file: what, path: shown },
  });
}
