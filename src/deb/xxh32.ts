const prime1 = 0x9e3779b1;
const prime2 = 0x85ebca77;
const prime3 = 0xc2b2ae3d;
const prime4 = 0x27d4eb2f;
const prime5 = 0x165667b1;

/** XXH32 with seed 0 of bytes that come in pieces: the checksum of LZ4 frames. */
export class Xxh32 {
  #lanes: [number, number, number, number] = [(prime1 + prime2) | 0, prime2 | 0, 0, -prime1 | 0];
  #rest: Buffer = Buffer.alloc(0);
  #length = 0;

  update(bytes: Buffer): this {
    this.#length += bytes.length;
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const end = all.length - (all.length % 16);
    let [a, b, c, d] = this.#lanes;
    for (let at = 0; at < end; at += 16) {
      a = round(a, all.readInt32LE(at));
      b = round(b, all.readInt32LE(at + 4));
      c = round(c, all.readInt32LE(at + 8));
      d = round(d, all.readInt32LE(at + 12));
    }
    this.#lanes = [a, b, c, d];
    this.#rest = Buffer.from(all.subarray(end));
    return this;
  }

  digest(): number {
    const [a, b, c, d] = this.#lanes;
    let hash = this.#length < 16 ? prime5 : rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18);
    hash = (hash + this.#length) | 0;
    let at = 0;
    for (; at + 4 <= this.#rest.length; at += 4)
      hash = Math.imul(rotate((hash + Math.imul(this.#rest.readInt32LE(at), prime3)) | 0, 17), prime4);
    for (const byte of this.#rest.subarray(at))
      hash = Math.imul(rotate((hash + Math.imul(byte, prime5)) | 0, 11), prime1);
    hash = Math.imul(hash ^ (hash >>> 15), prime2);
    hash = Math.imul(hash ^ (hash >>> 13), prime3);
    return (hash ^ (hash >>> 16)) >>> 0;
  }
}

function round(lane: number, word: number): number {
  return Math.imul(rotate((lane + Math.imul(word, prime2)) | 0, 13), prime1);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
