import { EspejoError } from '../core/errors.ts';
import type { Job } from '../core/progress.ts';
import { type Changes, type ChangesDocument, parseChanges, readChanges } from '../deb/read-changes.ts';
import { changesFields } from '../go/template-fields.ts';
import type { CheckedSignature, Keyring } from '../openpgp/contract.ts';
import { allowedByGpgv, isAllowed } from '../openpgp/doubts.ts';
import { verifyClearsigned } from '../openpgp/verify.ts';
import type { UploadKey } from './upload-rights.ts';

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
