import { EspejoError } from '../core/errors.ts';
import type { StoredFile } from '../core/stored-file.ts';
import { type ByteSource, FileSource, MemorySource, readBytes, StreamSource } from './byte-source.ts';
import { type DebReading, isGzip, limitsOf, readPart, toleratePlain } from './deb-parts.ts';
import { inflate, inflateAtOnce } from './inflate.ts';
import { readSmallFile, withPackageFile } from './open-package-file.ts';
import { readTar, type TarEntry } from './read-tar.ts';

/**
 * Lists the files that a binary package installs: paths without `./` or `/` before them, no directories, each once, in
 * the order of their bytes. Bodies are passed over; nothing is written anywhere.
 * @returns one character for each byte (latin1), so that names survive which are no UTF-8, and strings sort as bytes do
 * @throws E_DEB_FORMAT naming file and place; E_UNSAFE_PATH for `..`, NUL or a line end in a path, and for paths over
 *   4 KiB; E_SIZE_LIMIT; E_IO, E_PERMISSION; E_ABORTED
 */
export async function readDebContents(path: string, reading: DebReading): Promise<readonly string[]> {
  const { signal } = reading;
  const small = readSmallFile(path, smallFileBytes);
  if (small !== undefined) return await contentsOf(new MemorySource(small), path, reading);
  return await withPackageFile(path, signal, (file) =>
    contentsOf(new FileSource(file, signal), path, reading),
  );
}

/** As {@link readDebContents}, of a file that need not be one of this machine. @param name what it is called then */
export async function readStoredContents(
  file: StoredFile,
  name: string,
  reading: DebReading,
): Promise<readonly string[]> {
  if (file.localPath !== undefined) return await readDebContents(file.localPath, reading);
  return await contentsOf(new StreamSource(file.read()), name, reading);
}

/** A file of so many bytes is read at once, without waiting for the pool of threads. */
const smallFileBytes = 256 * 1024;
/** A data archive of so many bytes is inflated at once; gzip makes them 66 MiB at the most. */
const smallArchiveBytes = 64 * 1024;

async function contentsOf(source: ByteSource, path: string, reading: DebReading): Promise<readonly string[]> {
  const { dataBytes, listingBytes } = limitsOf(reading);
  return await readPart(source, {
    what: path,
    part: 'data',
    read: async (member, compression) => {
      const what = `${path}: ${member.name}`;
      if (member.size <= smallArchiveBytes && compression === '.gz') {
        const bytes = await readBytes(member.content, member.size);
        const inflation = { what, maxBytes: Math.min(dataBytes, maxInflatedBytes), signal: reading.signal };
        const plain = await inflateAtOnce(bytes, isGzip(bytes) ? compression : '', inflation);
        return await listFiles(new MemorySource(plain), what, listingBytes);
      }
      const inflation = { what, maxBytes: dataBytes, signal: reading.signal };
      const [bytes, form] = await toleratePlain(member.content, compression);
      return await inflate(bytes, form, inflation, (plain) =>
        listFiles(new StreamSource(plain), what, listingBytes),
      );
    },
  });
}

const maxInflatedBytes = 128 * 2 ** 20;

async function listFiles(plain: ByteSource, what: string, maxBytes: number): Promise<readonly string[]> {
  const paths = new Set<string>();
  let bytes = 0;
  for await (const entry of readTar(plain, what)) {
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
