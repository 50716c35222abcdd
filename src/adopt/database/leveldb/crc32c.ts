/** The checksum that LevelDB stores with blocks and log records: CRC-32C, rotated and offset ("masked"). */
export function maskedCrc32c(...parts: readonly Uint8Array[]): number {
  let crc = 0xffffffff;
  for (const part of parts) crc = update(crc, part);
  crc = (crc ^ 0xffffffff) >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

const slices = 8;
const table = buildTable();

/** Eight bytes a step; zlib's crc32 has another polynomial. */
function update(start: number, bytes: Uint8Array): number {
  let crc = start;
  let at = 0;
  for (const end = bytes.length - (bytes.length % slices); at < end; at += slices) {
    crc =
      lookup(7, byteAt(bytes, at) ^ (crc & 0xff)) ^
      lookup(6, byteAt(bytes, at + 1) ^ ((crc >>> 8) & 0xff)) ^
      lookup(5, byteAt(bytes, at + 2) ^ ((crc >>> 16) & 0xff)) ^
      lookup(4, byteAt(bytes, at + 3) ^ (crc >>> 24)) ^
      lookup(3, byteAt(bytes, at + 4)) ^
      lookup(2, byteAt(bytes, at + 5)) ^
      lookup(1, byteAt(bytes, at + 6)) ^
      lookup(0, byteAt(bytes, at + 7));
  }
  for (; at < bytes.length; at += 1) crc = lookup(0, (crc ^ byteAt(bytes, at)) & 0xff) ^ (crc >>> 8);
  return crc;
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
}

function lookup(slice: number, byte: number): number {
  return table[slice * 256 + byte] as number;
}

function buildTable(): Int32Array {
  const built = new Int32Array(slices * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    built[byte] = crc;
  }
  for (let at = 256; at < built.length; at += 1) {
    const before = built[at - 256] as number;
    built[at] = (before >>> 8) ^ (built[before & 0xff] as number);
  }
  return built;
}
