import { cpSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Signer } from '../../src/openpgp/contract.ts';
import { generateKey } from '../../src/openpgp/generate-key.ts';
import { loadSigner } from '../../src/openpgp/signer.ts';

/** Before any archive of the tests, so that the keys may sign them. */
const birth = new Date('2016-01-01T00:00:00Z');

/** Keys are made once for a checkout; a test that changes a key directory takes a copy (`installKey`). */
const kept = resolve(import.meta.dirname, '../../.cache/test-keys');

export type SigningKey = {
  readonly directory: string;
  readonly publicPath: string;
  readonly fingerprint: string;
  readonly signer: Signer;
};

const made = new Map<string, Promise<SigningKey>>();

/** The RSA-2048 key of `owner`: 4096 bits take seconds. */
export function signingKey(owner: string): Promise<SigningKey> {
  const known = made.get(owner) ?? makeKey(owner);
  made.set(owner, known);
  return known;
}

/** Puts the key of `owner` into a key directory, as `espejo key generate` would have made it. */
export async function installKey(owner: string, directory: string): Promise<SigningKey> {
  const key = await signingKey(owner);
  cpSync(key.directory, directory, { recursive: true });
  return key;
}

async function makeKey(owner: string): Promise<SigningKey> {
  const userId = `Espejo test ${owner} <${owner}@localhost>`;
  const directory = keptKey(userId, birth);
  const { publicPath, fingerprint } = await generateKey({ directory, userId, now: birth, rsaBits: 2048 });
  return { directory, publicPath, fingerprint, signer: await loadSigner({ directory }) };
}

/** The directory of a key of tests: `generateKey` makes it there the first time, and takes what it finds thereafter. */
export function keptKey(userId: string, birth: Date): string {
  return join(kept, `${encodeURIComponent(userId)}-${birth.getTime()}`);
}
