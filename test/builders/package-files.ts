import { gzipSync } from 'node:zlib';
import { type ArMember, archiveOf } from '../../src/deb/ar.ts';

export type TarItem = {
  /** One character for each byte. */
  readonly path: string;
  readonly content?: string | Buffer;
  /** The type flag; default `0`, a file. */
  readonly type?: string;
  /** What the header says; default the length of the content. */
  readonly size?: number | Buffer;
  readonly prefix?: string;
  /** Six bytes: `ustar\0` by default. */
  readonly magic?: string;
};

/** A tar archive of whatever entries, also ones that no tar writes; ends with two blocks of zeros. */
export function tarOf(items: readonly TarItem[]): Buffer {
  return Buffer.concat([...items.map(tarEntryOf), Buffer.alloc(1024)]);
}

/** One entry: header, content, padding. */
export function tarEntryOf(item: TarItem): Buffer {
  const { path, content = '', type = '0', prefix = '', magic = 'ustar\0' } = item;
  const body = Buffer.from(content);
  const { size = body.length } = item;
  const header = Buffer.alloc(512);
  header.write(path, 0, 100, 'latin1');
  header.write('0000644\0', 100);
  if (Buffer.isBuffer(size)) size.copy(header, 124);
  else header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write(type, 156, 1, 'latin1');
  header.write(magic, 257, 6, 'latin1');
  header.write(prefix, 345, 155, 'latin1');
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

export const controlText =
  'Package: foo\nVersion: 1.0-1\nArchitecture: amd64\nMaintainer: A <a@example.org>\nDescription: x\n';

export const formatMember: ArMember = { name: 'debian-binary', content: Buffer.from('2.0\n') };

/** A control archive of one file, compressed with gzip. */
export const controlMember: ArMember = {
  name: 'control.tar.gz',
  content: gzipSync(tarOf([{ path: './control', content: controlText }])),
};

/** A data archive, by default of nothing. */
export function dataMember(items: readonly TarItem[] = []): ArMember {
  return { name: 'data.tar', content: tarOf(items) };
}

/** A .deb of the usual members, some of them replaced. */
export function debOf(
  members: {
    readonly control?: ArMember;
    readonly data?: ArMember;
    readonly more?: readonly ArMember[];
  } = {},
): Buffer {
  const { control = controlMember, data = dataMember(), more = [] } = members;
  return archiveOf([formatMember, control, data, ...more]);
}
