import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfAborted } from '../core/abort.ts';
import { DigestMeter, type FileFacts } from '../core/digest.ts';
import { EspejoError, isEspejoError } from '../core/errors.ts';
import type { Job } from '../core/progress.ts';
import { type OpenFile, withPackageFile } from '../deb/open-package-file.ts';
import type { BinaryPackage, SourcePackage } from '../deb/package.ts';
import { type Changes, type ChangesDocument, parseChanges, readChanges } from '../deb/read-changes.ts';
import type { Companion } from '../deb/read-dsc.ts';
import { changesFields } from '../go/template-fields.ts';
import type { CheckedSignature, Keyring } from '../openpgp/contract.ts';
import { allowedByGpgv, isAllowed } from '../openpgp/doubts.ts';
import { verifyClearsigned } from '../openpgp/verify.ts';
import type { UploadKey } from './uploaders.ts';

/** A .changes file that may be believed as far as was asked for. */
export type Upload = {
  readonly changes: Changes;
  /** By canonical names. */
  readonly fields: ReadonlyMap<string, string>;
  /** Of the signatures; empty when none was verified. */
  readonly keys: readonly UploadKey[];
};

export type UploadTrust = {
  readonly acceptUnsigned: boolean;
  /** Loads what signatures are verified with; undefined: they are not verified. */
  readonly keyring: (() => Promise<Keyring>) | undefined;
  readonly now: Date;
  /** Told of signatures that are weak and count all the same. */
  readonly job: Job;
};

/**
 * Reads a .changes file. What it says counts only as far as it is signed: every signature must be good, for a signature
 * is a right to upload, and nothing may stand outside of the signed part. Weak ones count as they do for gpgv, and are told;
 * those of a key that has expired do not.
 * @param path on disk
 * @param name of the file in messages
 * @throws E_SIGNATURE_MISSING, E_SIGNATURE_INVALID; E_KEYRING_INVALID; E_DEB_FORMAT, E_CONTROL_SYNTAX, E_UNSAFE_PATH,
 * E_SIZE_LIMIT; E_IO, E_PERMISSION, E_ABORTED
 */
export async function readUpload(path: string, name: string, trust: UploadTrust): Promise<Upload> {
  const document = await readChanges(path, trust.job);
  const { content, keys } = await believed(document, name, trust);
  const changes = parseChanges(content, name);
  return { changes, fields: changesFields(changes.stanza), keys };
}

async function believed(
  { signed, document, content }: ChangesDocument,
  name: string,
  { acceptUnsigned, keyring, now, job }: UploadTrust,
): Promise<{ readonly content: Buffer; readonly keys: readonly UploadKey[] }> {
  if (!signed && !acceptUnsigned) {
    throw new EspejoError(
      'E_SIGNATURE_MISSING',
      ".changes file is not signed and unsigned processing hasn't been enabled",
      { hint: 'sign it, or give -accept-unsigned' },
    );
  }
  if (!signed || keyring === undefined) return { content, keys: [] };
  const checked = await verifyClearsigned(document, await keyring(), now);
  assertAllGood(checked.signatures);
  for (const { status, keyId, reason } of checked.signatures)
    if (status !== 'good')
      job.report({
        type: 'warning',
        message: `${name}: signed by ${keyId}, which counts although ${reason ?? 'it is weak'}`,
      });
  return { content: checked.content, keys: checked.signatures };
}

const allowedForUploads = { ...allowedByGpgv, allowExpiredKeys: false };

function assertAllGood(signatures: readonly CheckedSignature[]): void {
  const wrong = signatures.find((one) => one.status !== 'good' && !isAllowed(one, allowedForUploads));
  if (wrong === undefined && signatures.length > 0) return;
  const reason =
    wrong === undefined ? 'there is none' : `key ${wrong.keyId}: ${wrong.reason ?? wrong.status}`;
  throw new EspejoError('E_SIGNATURE_INVALID', `verification of clearsigned file failed: ${reason}`, {
    context: { signatures: signatures.map(({ keyId, status }) => ({ keyId, status })) },
  });
}

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

type Declared = Pick<Changes, 'stanza' | 'architectures' | 'binaries'>;

/**
 * Whether a package is what a .changes file says that it brings (spec/semantics.md 8.3): of one of its architectures (`all` is
 * of every one but `source`), and its source or one of its binaries or the debug symbols of one.
 */
export function isOfUpload(pkg: BinaryPackage | SourcePackage, changes: Declared): boolean {
  const { architecture, name } = pkg;
  const { architectures, binaries } = changes;
  const fits =
    architectures.includes(architecture) ||
    (architecture === 'all' && architectures.some((declared) => declared !== 'source'));
  if (!fits) return false;
  if (pkg.kind === 'source') return name === sourceNameOf(changes);
  return binaries.some((binary) => name === binary || name === `${binary}-dbgsym`);
}

/** `Source` may have a version in parentheses (policy 5.6.1). */
function sourceNameOf({ stanza }: Declared): string {
  const source = stanza.get('Source') ?? '';
  const end = source.search(/[ (]/);
  return end < 0 ? source : source.slice(0, end);
}
