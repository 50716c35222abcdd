import { type ByteSource, readBytes } from './byte-source.ts';
import { malformed } from './package-format.ts';

/** One member of an `ar` archive. */
export type ArEntry = {
  readonly name: string;
  /** Of its content, in bytes. */
  readonly size: number;
  /** Of its header in the archive. */
  readonly offset: number;
  /** To be read before the next member is asked for, or not at all. */
  readonly content: ByteSource;
};

type ArReading = {
  /** Names the archive in errors. */
  readonly what: string;
  /** Default 64. */
  readonly maxMembers?: number;
};

/**
 * Reads an `ar` archive in the common format as deb(5) has it: plain names of up to 15 characters, which a slash may
 * end. Other than dpkg it refuses the long names of GNU and BSD; no package has them.
 * @throws E_DEB_FORMAT when the archive is malformed, cut short, or has too many members
 */
export async function* readAr(
  source: ByteSource,
  { what, maxMembers = 64 }: ArReading,
): AsyncGenerator<ArEntry, void, undefined> {
  const magic = await readBytes(source, archiveMagic.length);
  if (magic.toString('latin1') !== archiveMagic)
    throw malformed({ what, offset: 0 }, 'it is not an ar archive');
  for (let count = 0; ; count += 1) {
    const offset = source.offset;
    const header = await readBytes(source, headerBytes);
    if (header.length === 0) return;
    if (count === maxMembers) throw malformed({ what, offset }, `it has more than ${maxMembers} members`);
    const { name, size } = parseHeader(header, { what, offset });
    const content = new MemberSource(source, { what, name, size });
    yield { name, size, offset, content };
    await content.finish();
    if (size % 2 === 1) await source.skip(1);
  }
}

const archiveMagic = '!<arch>\n';
const headerBytes = 60;

/** name 16, time 12, owner 6, group 6, mode 8, size 10 characters, then the mark; only name and size matter. */
function parseHeader(header: Buffer, place: { readonly what: string; readonly offset: number }) {
  if (header.length < headerBytes) throw malformed(place, 'it ends within the header of a member');
  const text = header.toString('latin1');
  if (text.slice(58) !== '`\n') throw malformed(place, 'the header of a member is malformed');
  const size = text.slice(48, 58).trimEnd();
  if (!/^[0-9]{1,10}$/.test(size)) throw malformed(place, 'the size of a member is malformed');
  return { name: memberName(text.slice(0, 16), place), size: Number(size) };
}

function memberName(field: string, place: { readonly what: string; readonly offset: number }): string {
  const padded = field.trimEnd();
  const name = padded.endsWith('/') ? padded.slice(0, -1) : padded;
  if (!/^[!-.0-~]+$/.test(name) || name.startsWith('#1')) {
    throw malformed(place, `"${padded}" is not the plain name of a member`);
  }
  return name;
}

/** The part of an archive that is the content of one member. */
class MemberSource implements ByteSource {
  offset = 0;
  readonly #archive: ByteSource;
  readonly #member: { readonly what: string; readonly name: string; readonly size: number };

  constructor(archive: ByteSource, member: { what: string; name: string; size: number }) {
    this.#archive = archive;
    this.#member = member;
  }

  async chunk(most: number): Promise<Buffer> {
    const wanted = Math.min(most, this.#member.size - this.offset);
    if (wanted === 0) return Buffer.alloc(0);
    const chunk = await this.#archive.chunk(wanted);
    if (chunk.length === 0) throw this.#cut();
    this.offset += chunk.length;
    return chunk;
  }

  async skip(size: number): Promise<number> {
    const wanted = Math.min(size, this.#member.size - this.offset);
    const skipped = await this.#archive.skip(wanted);
    this.offset += skipped;
    if (skipped < wanted) throw this.#cut();
    return skipped;
  }

  /** Passes over what nobody read; nothing can be read afterwards. */
  async finish(): Promise<void> {
    await this.skip(this.#member.size);
  }

  #cut() {
    const { what, name, size } = this.#member;
    return malformed(
      { what, offset: this.#archive.offset },
      `it ends within ${name}, after ${this.offset} of ${size} bytes`,
    );
  }
}
