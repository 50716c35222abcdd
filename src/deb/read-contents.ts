import { EspejoError } from '../core/errors.ts';
import { FileSource, StreamSource } from './byte-source.ts';
import { type DebReading, limitsOf, readPart, toleratePlain } from './deb-parts.ts';
import { inflate } from './inflate.ts';
import { withPackageFile } from './open-package-file.ts';
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
  const limits = limitsOf(reading);
  return await withPackageFile(path, signal, (file) =>
    readPart(new FileSource(file, signal), path, 'data', async (member, compression) => {
      const what = `${path}: ${member.name}`;
      const inflation = { what, maxBytes: limits.dataBytes, signal };
      const [bytes, form] = await toleratePlain(member.content, compression);
      return await inflate(bytes, form, inflation, (plain) => listFiles(plain, what, limits.listingBytes));
    }),
  );
}

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
