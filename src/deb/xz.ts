import lzma from 'lzma-native';

/** Compresses bytes as `xz -6` does; equal input, equal output. */
export function compressXz(bytes: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    lzma.compress(Buffer.from(bytes), { preset: 6 }, (result: Buffer | null, error?: unknown) => {
      if (result === null) reject(error);
      else resolve(result);
    });
  });
}
