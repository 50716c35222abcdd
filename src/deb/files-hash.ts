import type { FileFacts } from '../core/digest.ts';

type NamedFile = { readonly name: string; readonly facts: FileFacts };

/**
 * aptly's FilesHash, the last part of its package keys: 64-bit FNV-1a over the files sorted by name; of each its name,
 * size (8 bytes, big-endian), MD5, SHA1 and SHA256 in hexadecimal, an unknown one empty.
 * @returns lower-case hexadecimal of at least 8 digits, without further padding, as aptly prints it
 */
export function filesHash(files: readonly NamedFile[]): string {
  const hash = new Fnv1a();
  for (const { name, facts } of files.length > 1 ? files.toSorted(byName) : files) {
    hash.text(name);
    hash.number64(facts.size);
    hash.text(facts.digests.md5 ?? '');
    hash.text(facts.digests.sha1 ?? '');
    hash.text(facts.digests.sha256 ?? '');
  }
  return hash.hex();
}

function byName(a: NamedFile, b: NamedFile): number {
  return Buffer.compare(Buffer.from(a.name), Buffer.from(b.name));
}

/** FNV-1a in two 32-bit halves: several times faster than BigInt. The prime is 2^40 + 435. */
class Fnv1a {
  #high = 0xcbf29ce4;
  #low = 0x84222325;

  text(text: string): void {
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code >= 0x80) {
        for (const byte of Buffer.from(text.slice(at))) this.#byte(byte);
        return;
      }
      this.#byte(code);
    }
  }

  number64(value: number): void {
    const high = Math.floor(value / 2 ** 32);
    for (let shift = 24; shift >= 0; shift -= 8) this.#byte((high >>> shift) & 0xff);
    for (let shift = 24; shift >= 0; shift -= 8) this.#byte((value >>> shift) & 0xff);
  }

  hex(): string {
    const low = this.#low.toString(16).padStart(8, '0');
    return this.#high === 0 ? low : this.#high.toString(16) + low;
  }

  #byte(byte: number): void {
    const low = (this.#low ^ byte) >>> 0;
    const product = low * 435;
    this.#high = (this.#high * 435 + Math.floor(product / 2 ** 32) + low * 256) % 2 ** 32;
    this.#low = product >>> 0;
  }
}
