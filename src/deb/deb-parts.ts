import { isEspejoError } from '../core/errors.ts';
import type { ByteSource } from './byte-source.ts';
import type { Compression } from './inflate.ts';
import { malformed, notAPackage } from './package-format.ts';
import { type ArEntry, readAr } from './read-ar.ts';

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
  /** Told what a person should know of a file that is taken. */
  readonly warn?: (message: string) => void;
  readonly limits?: Partial<DebLimits>;
};

type Part = 'control' | 'data';

const partNames = ['control', 'data'] as const;

/** What aptly reads (spec/semantics.md 8.1); dpkg reads less of the second. */
const partCompressions: Readonly<Record<Part, readonly Compression[]>> = {
  control: ['', '.gz', '.xz', '.zst'],
  data: ['', '.gz', '.bz2', '.xz', '.lzma', '.zst'],
};

export function limitsOf({ limits = {} }: DebReading): DebLimits {
  return { controlBytes: 16 * 2 ** 20, dataBytes: 64 * 2 ** 30, listingBytes: 128 * 2 ** 20, ...limits };
}

/** A part of a .deb to be read. */
type PartReading<Result> = Pick<DebReading, 'warn'> & {
  /** Names the file. */
  readonly what: string;
  readonly part: Part;
  readonly read: (member: ArEntry, compression: Compression) => Promise<Result>;
};

/**
 * Walks over the members of a .deb and reads one of its two parts, as dpkg does: between the parts there are members like
 * `_gpgbuilder` alone, and behind the data anything may follow, also what is no member, with a warning. A part that is
 * there twice is refused, because programs differ in which they take.
 */
export async function readPart<Result>(source: ByteSource, reading: PartReading<Result>): Promise<Result> {
  const { what, part, read } = reading;
  const seen = new Set<Part>();
  let found: { readonly result: Result } | undefined;
  let end: number | undefined;
  let isFirst = true;
  for await (const member of membersOf(source, reading, () => end)) {
    if (isFirst) await checkFormat(member, what);
    const present = partNames.find((name) => isPart(member.name, name));
    if (!isFirst && end === undefined) assertInOrder(member, what, { present, seen });
    isFirst = false;
    if (present === undefined) continue;
    if (seen.has(present)) throw malformed({ what, offset: member.offset }, `it has two ${present}.tar`);
    seen.add(present);
    if (present === 'data') end = source.offset + member.size;
    if (present === part) found = { result: await read(member, compressionOf(member, what, part)) };
  }
  for (const name of partNames) if (!seen.has(name)) throw notAPackage(what, `it has no ${name}.tar`);
  if (found === undefined) throw notAPackage(what, `it has no ${part}.tar`);
  return found.result;
}

/** @param end where the last part ends, when it was seen: what is wrong behind it ends the walk */
async function* membersOf(
  source: ByteSource,
  { what, warn }: Pick<PartReading<unknown>, 'what' | 'warn'>,
  end: () => number | undefined,
): AsyncGenerator<ArEntry, void, undefined> {
  try {
    yield* readAr(source, { what });
  } catch (error) {
    const last = end();
    if (last === undefined || !isEspejoError(error, 'E_DEB_FORMAT')) throw error;
    const { offset } = error.context;
    if (typeof offset !== 'number' || offset < last) throw error;
    warn?.(
      `${what}: what follows its data archive is no member of it and was passed over (at byte ${offset})`,
    );
  }
}

/** Control, then data, and before each only members whose names begin with an underscore: dpkg refuses all else. */
function assertInOrder(
  { name, offset }: ArEntry,
  what: string,
  { present, seen }: { readonly present: Part | undefined; readonly seen: ReadonlySet<Part> },
): void {
  const awaited = seen.has('control') ? 'data' : 'control';
  if (present === undefined ? name.startsWith('_') : present === awaited || seen.has(present)) return;
  throw malformed({ what, offset }, `it has ${name} before ${awaited}.tar`);
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
export async function toleratePlain(
  content: ByteSource,
  compression: Compression,
): Promise<readonly [AsyncIterable<Uint8Array>, Compression]> {
  if (compression !== '.gz') return [chunksOf(content), compression];
  const first = await content.chunk(chunkBytes);
  return [chunksOf(content, first), isGzip(first) ? compression : ''];
}

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

const chunkBytes = 128 * 1024;

export async function* chunksOf(content: ByteSource, first?: Buffer): AsyncGenerator<Uint8Array> {
  if (first !== undefined && first.length > 0) yield first;
  for (;;) {
    const chunk = await content.chunk(chunkBytes);
    if (chunk.length === 0) return;
    yield chunk;
  }
}
