import { type ByteSource, readBytes, StreamSource } from './byte-source.ts';
import { notAPackage } from './package-format.ts';

/**
 * Cuts zstd data where its frames end, so that no piece has bytes of two: Node's decompressor stops within a piece, and
 * goes on with the next. Skippable frames are passed over; the blocks themselves are for the decompressor to judge.
 * @param what names the file in errors
 * @throws E_DEB_FORMAT when a frame is cut short or what follows one is no frame
 */
export async function* zstdFrames(
  chunks: AsyncIterable<Uint8Array>,
  what: string,
): AsyncGenerator<Buffer, void, undefined> {
  const input = new StreamSource(chunks);
  const take = async (size: number): Promise<Buffer> => {
    const bytes = await readBytes(input, size);
    if (bytes.length < size) throw notAPackage(what, 'its zstd data are cut short');
    return bytes;
  };
  do {
    const magic = await take(4);
    const word = magic.readUInt32LE();
    if (word >>> 4 === skippableMagic) {
      const size = (await take(4)).readUInt32LE();
      if ((await input.skip(size)) < size) throw notAPackage(what, 'its zstd data are cut short');
    } else if (word === frameMagic) {
      yield magic;
      yield* readFrame(input, take);
    } else {
      throw notAPackage(what, 'it is no zstd frame');
    }
  } while (!(await input.isAtEnd()));
}

const frameMagic = 0xfd2fb528;
const skippableMagic = 0x184d2a5;
const dictionaryIdBytes = [0, 1, 2, 4] as const;
const contentSizeBytes = [0, 2, 4, 8] as const;
const rleBlock = 1;

type Take = (size: number) => Promise<Buffer>;

/** All of a frame (RFC 8878, 3.1.1) behind its magic number. */
async function* readFrame(input: ByteSource, take: Take): AsyncGenerator<Buffer, void, undefined> {
  const descriptor = await take(1);
  const flags = descriptor[0] ?? 0;
  const isSingleSegment = (flags & 0x20) !== 0;
  const sizeCode = flags >> 6;
  const sizeBytes = sizeCode === 0 && isSingleSegment ? 1 : (contentSizeBytes[sizeCode] ?? 0);
  const rest = (isSingleSegment ? 0 : 1) + (dictionaryIdBytes[flags & 3] ?? 0) + sizeBytes;
  yield Buffer.concat([descriptor, await take(rest)]);
  for (let isLast = false; !isLast; ) {
    const header = await take(3);
    const word = header.readUIntLE(0, 3);
    isLast = (word & 1) === 1;
    yield header;
    for (let left = ((word >> 1) & 3) === rleBlock ? 1 : word >> 3; left > 0; ) {
      const piece = await input.chunk(left);
      yield piece.length > 0 ? piece : await take(left);
      left -= piece.length;
    }
  }
  if ((flags & 4) !== 0) yield await take(4);
}
