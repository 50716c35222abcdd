import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfAborted } from '../core/abort.ts';
import { DigestMeter, type FileFacts } from '../core/digest.ts';
import { EspejoError, isEspejoError } from '../core/errors.ts';
import { type OpenFile, withPackageFile } from '../deb/open-package-file.ts';
import type { Companion } from '../deb/read-dsc.ts';

type Places = {
  /** On disk, where the .changes file is. */
  readonly from: string;
  /** On disk, a directory that nobody else writes to, without these files. */
  readonly to: string;
  /** What messages call the folder of the .changes file. */
  readonly folder: string;
  readonly signal: AbortSignal;
};

/**
 * Copies the files of an upload to a private directory and proves that the copies are what the .changes file says: from
 * here on nobody can exchange them. Symbolic links are followed to regular files, whose content must be right too.
 * @throws E_IO when one is missing; E_DEB_FORMAT when one is no regular file
 * @throws E_SIZE_MISMATCH, E_DIGEST_MISMATCH in aptly's words; E_PERMISSION, E_DISK_FULL, E_ABORTED
 */
export async function stageUpload(files: readonly Companion[], places: Places): Promise<void> {
  for (const { name, facts } of files) {
    try {
      await withPackageFile(join(places.from, name), places.signal, async (source) =>
        copyProved(source, join(places.to, name), { facts, signal: places.signal }),
      );
    } catch (cause) {
      if (!isEspejoError(cause, 'E_IO') || cause.context['system'] !== 'ENOENT') throw cause;
      const path = join(places.folder, name);
      throw new EspejoError('E_IO', `open ${path}: no such file or directory`, { cause });
    }
  }
}

const blockBytes = 1 << 20;

async function copyProved(
  { handle, size }: OpenFile,
  to: string,
  { facts, signal }: { readonly facts: FileFacts; readonly signal: AbortSignal },
): Promise<void> {
  if (size !== facts.size) throw sizeMismatch(facts.size, size);
  const target = await open(to, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    const meter = new DigestMeter(digests);
    const block = Buffer.allocUnsafe(blockBytes);
    while (meter.size <= size) {
      throwIfAborted(signal);
      const { bytesRead } = await handle.read(block, 0, block.length, meter.size);
      if (bytesRead === 0) break;
      meter.update(block.subarray(0, bytesRead));
      await target.writeFile(block.subarray(0, bytesRead));
    }
    assertSame(facts, meter.finish());
  } finally {
    await target.close();
  }
}

const digests = ['md5', 'sha1', 'sha256'] as const;

function assertSame(expected: FileFacts, found: FileFacts): void {
  if (found.size !== expected.size) throw sizeMismatch(expected.size, found.size);
  for (const name of digests) {
    const [wanted, measured] = [expected.digests[name], found.digests[name]];
    if (wanted === measured) continue;
    throw new EspejoError(
      'E_DIGEST_MISMATCH',
      `checksum mismatch ${name.toUpperCase()}: expected ${wanted} != obtained ${measured}`,
    );
  }
}

function sizeMismatch(expected: number, found: number): EspejoError {
  return new EspejoError('E_SIZE_MISMATCH', `size mismatch: expected ${expected} != obtained ${found}`);
}
