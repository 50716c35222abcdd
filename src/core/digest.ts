import { createHash, type Hash, hash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import { EspejoError } from './errors.ts';

/** Digest algorithms of Debian indexes, strongest last. */
export const digestNames = ['md5', 'sha1', 'sha256', 'sha512'] as const;

export type DigestName = (typeof digestNames)[number];

/** Lower-case hexadecimal digests of one file; an absent one is unknown. */
export type Digests = { readonly [Name in DigestName]?: string };

/** What a signed index says of a file; `size` in bytes. */
export type FileFacts = { readonly size: number; readonly digests: Digests };

/** Measures bytes as they pass: their number and the digests asked for. */
export class DigestMeter {
  #size = 0;
  readonly #hashes: readonly (readonly [DigestName, Hash])[];
  #facts: FileFacts | undefined;

  constructor(names: readonly DigestName[] = digestNames) {
    this.#hashes = names.map((name) => [name, createHash(name)]);
  }

  get size(): number {
    return this.#size;
  }

  update(chunk: Uint8Array): void {
    this.#size += chunk.byteLength;
    for (const [, hash] of this.#hashes) hash.update(chunk);
  }

  /** The facts of all bytes seen; no update may follow. */
  finish(): FileFacts {
    if (this.#facts !== undefined) return this.#facts;
    const digests: { [Name in DigestName]?: string } = {};
    for (const [name, hash] of this.#hashes) digests[name] = hash.digest('hex');
    this.#facts = { size: this.#size, digests };
    return this.#facts;
  }
}

/** The facts of bytes in memory. */
export function digestsOf(bytes: Uint8Array, names: readonly DigestName[] = digestNames): FileFacts {
  const digests: { [Name in DigestName]?: string } = {};
  for (const name of names) digests[name] = hash(name, bytes, 'hex');
  return { size: bytes.byteLength, digests };
}

/** Lower-case hexadecimal SHA-256 of bytes or of a text in UTF-8. */
export function sha256Hex(data: Uint8Array | string): string {
  return hash('sha256', data, 'hex');
}

/** The strongest digest that is known, or undefined when there is none. */
export function strongestDigest(
  digests: Digests,
): { readonly name: DigestName; readonly hex: string } | undefined {
  for (const name of digestNames.toReversed()) {
    const hex = digests[name];
    if (hex !== undefined) return { name, hex };
  }
  return undefined;
}

/**
 * Compares what was measured with what was promised; digests known on one side only do not count.
 * @param what path or URL for the error
 * @throws E_SIZE_MISMATCH, E_DIGEST_MISMATCH
 */
export function assertFacts(what: string, expected: Partial<FileFacts>, actual: FileFacts): void {
  if (expected.size !== undefined && expected.size !== actual.size) {
    throw new EspejoError(
      'E_SIZE_MISMATCH',
      `${what}: has ${actual.size} bytes, its index says ${expected.size}`,
      {
        context: { what, expected: expected.size, found: actual.size },
        hint: 'the upstream may be in the middle of an update; try again later',
      },
    );
  }
  for (const name of digestNames.toReversed()) {
    const promised = expected.digests?.[name];
    const measured = actual.digests[name];
    if (promised === undefined || measured === undefined || promised === measured) continue;
    throw new EspejoError(
      'E_DIGEST_MISMATCH',
      `${what}: ${name.toUpperCase()} is ${measured}, its index says ${promised}`,
      {
        context: { what, digest: name, expected: promised, found: measured },
        hint: 'the upstream may be in the middle of an update, or the file was altered; try again later',
      },
    );
  }
}

type Expectation = {
  /** Path or URL for errors. */
  readonly what: string;
  /** No more bytes than this pass, whatever is promised. */
  readonly maxBytes: number;
  readonly size?: number;
  readonly digests?: Digests;
  /** A meter that has already seen the head of the file (a resumed download). */
  readonly meter?: DigestMeter;
};

/**
 * A stream that passes bytes through and fails at its end unless size and digests are as promised; it fails at once
 * when more bytes come than promised or than `maxBytes`. Errors: E_SIZE_LIMIT, E_SIZE_MISMATCH, E_DIGEST_MISMATCH.
 */
export function verified(expectation: Expectation): Transform & { readonly meter: DigestMeter } {
  const names = digestNames.filter((name) => expectation.digests?.[name] !== undefined);
  const meter = expectation.meter ?? new DigestMeter(names);
  const stream = new Transform({
    transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback) {
      meter.update(chunk);
      const error = overrun(expectation, meter.size);
      if (error === undefined) done(null, chunk);
      else done(error);
    },
    flush(done: TransformCallback) {
      try {
        assertFacts(expectation.what, expectation, meter.finish());
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
  return Object.assign(stream, { meter });
}

/** The error of a body of which `seen` bytes are more than promised or allowed: E_SIZE_MISMATCH or E_SIZE_LIMIT. */
export function overrun(
  { what, maxBytes, size }: Pick<Expectation, 'what' | 'maxBytes' | 'size'>,
  seen: number,
): EspejoError | undefined {
  if (size !== undefined && seen > size) {
    return new EspejoError('E_SIZE_MISMATCH', `${what}: has more than the ${size} bytes its index says`, {
      context: { what, expected: size, found: seen },
    });
  }
  if (seen > maxBytes) {
    return new EspejoError('E_SIZE_LIMIT', `${what}: has more than ${maxBytes} bytes`, {
      context: { what, maxBytes },
      hint: 'raise the matching size under "limits" when a file of that size is expected',
    });
  }
  return undefined;
}
