import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PublicationObject } from '../catalog/objects.ts';
import { isEspejoError, systemCode } from '../core/errors.ts';
import { fileError } from '../core/files.ts';
import type { CheckedSignature, Keyring } from '../openpgp/contract.ts';
import { exportPublicKeys } from '../openpgp/export-public-key.ts';
import { findPublicKeys } from '../openpgp/gpg-public-keys.ts';
import { joinKeyrings, loadKeyring } from '../openpgp/keyring.ts';
import { publicKeysOf } from '../openpgp/public-keys.ts';
import { verifyClearsigned, verifyDetached } from '../openpgp/verify.ts';
import type { SiteKey, SiteSignature } from './site-facts.ts';
import type { SitePorts } from './site-ports.ts';

/** How long a signature that could not be told is not looked at again, nor is gpg asked. */
const unknownForMs = 60_000;
const gpgPatienceMs = 10_000;

type Known = { readonly identity: string; readonly signature: SiteSignature; readonly readAt: number };

/** What was found out about trees, for as long as their files are the same. */
const known = new WeakMap<SitePorts, Map<string, Known>>();

/**
 * Who signed the tree that clients see, by its own signature: with the keys that were recorded when it was signed, espejo's
 * own, and those of gpg. A key is named only if it verifies the tree.
 * @param directory of the distribution
 * @param object the publication, as far as the catalog knows of it
 * @throws E_PERMISSION, E_IO; E_KEY_INVALID for a damaged key of espejo
 */
export async function treeSignature(
  ports: SitePorts,
  directory: string,
  object: Pick<PublicationObject, 'signingKeys'> | undefined,
): Promise<SiteSignature> {
  const identity = await identityOf(directory);
  if (identity === undefined) return { kind: 'unsigned' };
  const trees = known.get(ports) ?? new Map<string, Known>();
  known.set(ports, trees);
  const before = trees.get(directory);
  const now = ports.now();
  if (before !== undefined && before.identity === identity && isStillTrue(before, now))
    return before.signature;
  const signature = await readSignature(ports, directory, object);
  trees.set(directory, { identity, signature, readAt: now.getTime() });
  return signature;
}

function isStillTrue({ signature, readAt }: Known, now: Date): boolean {
  return signature.kind !== 'unknown' || now.getTime() - readAt < unknownForMs;
}

const signatureFiles = ['InRelease', 'Release.gpg'] as const;

/** Undefined when nothing is signed. */
async function identityOf(directory: string): Promise<string | undefined> {
  for (const name of signatureFiles) {
    const path = join(directory, name);
    try {
      const { ino, mtimeMs, size } = await stat(path);
      return `${name} ${ino} ${mtimeMs} ${size}`;
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw fileError(error, `cannot read ${path}`);
    }
  }
  return undefined;
}

async function readSignature(
  ports: SitePorts,
  directory: string,
  object: Pick<PublicationObject, 'signingKeys'> | undefined,
): Promise<SiteSignature> {
  const recorded = object?.signingKeys ?? '';
  const own = await exportPublicKeys(ports.config.keys.directory);
  const keys = await loadKeyring(
    [...(recorded === '' ? [] : [recorded]), ...own.map(({ armored }) => armored)].map((armored) => ({
      armored,
    })),
  );
  try {
    const first = await check(ports, directory, keys);
    const missing = first.filter(({ status }) => status === 'unknown-key').map(idOf);
    if (missing.length === 0 || first.some(isBelieved)) return told(first, keys);
    const signal = AbortSignal.timeout(gpgPatienceMs);
    const more = joinKeyrings([keys, await findPublicKeys(missing, { env: ports.env, signal })]);
    return told(await check(ports, directory, more), more);
  } catch (error) {
    if (!isEspejoError(error, 'E_SIGNATURE_INVALID', 'E_SIGNATURE_MISSING', 'E_ABORTED')) throw error;
    return { kind: 'unknown', keyIds: [], reason: error.message };
  }
}

async function check(
  ports: SitePorts,
  directory: string,
  keys: Keyring,
): Promise<readonly CheckedSignature[]> {
  const [inRelease, detached] = signatureFiles;
  const clearsigned = await readIfThere(join(directory, inRelease));
  if (clearsigned !== undefined) return (await verifyClearsigned(clearsigned, keys, ports.now())).signatures;
  const signature = (await readIfThere(join(directory, detached))) ?? Buffer.alloc(0);
  const content = (await readIfThere(join(directory, 'Release'))) ?? Buffer.alloc(0);
  return await verifyDetached(content, signature, keys, ports.now());
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw fileError(error, `cannot read ${path}`);
  }
}

/** What gpgv of some apt takes; what newer ones refuse is told with the key. */
function isBelieved({ status, doubts }: CheckedSignature): boolean {
  return status === 'good' || doubts.length > 0;
}

function told(signatures: readonly CheckedSignature[], keyring: Keyring): SiteSignature {
  const files = publicKeysOf(keyring);
  const keys = signatures.filter(isBelieved).flatMap((one): readonly (SiteKey & { algorithm: string })[] => {
    const file = files.find(({ fingerprint }) => fingerprint === one.primaryFingerprint);
    if (file === undefined) return [];
    const { fingerprint, algorithm, armored, binary } = file;
    return [{ fingerprint, algorithm, armored, binary, doubt: one.reason }];
  });
  if (keys.length > 0) return { kind: 'signed', keys: keys.toSorted(byReach) };
  const reasons = new Set(signatures.map(({ reason }) => reason ?? 'it is unknown'));
  return { kind: 'unknown', keyIds: signatures.map(idOf), reason: [...reasons].join('; ') };
}

/** The key that most clients know first: good before doubtful, RSA before curves, which xenial does not know. */
function byReach(
  a: SiteKey & { readonly algorithm: string },
  b: SiteKey & { readonly algorithm: string },
): number {
  const rank = ({ doubt, algorithm }: SiteKey & { readonly algorithm: string }): number =>
    (doubt === undefined ? 0 : 2) + (algorithm.startsWith('rsa') ? 0 : 1);
  return rank(a) - rank(b);
}

function idOf({ primaryFingerprint, fingerprint, keyId }: CheckedSignature): string {
  return primaryFingerprint ?? fingerprint ?? keyId;
}
