import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { generateKey, type PrivateKey } from 'openpgp';

/** All keys of these tests are born here; nothing depends on the clock. */
export const birth = new Date('2024-01-01T00:00:00Z');
export const later = new Date('2024-06-01T12:00:00Z');

type KeyOptions = Parameters<typeof generateKey>[0];

/** A private key, RSA 2048 without subkeys unless told otherwise; small RSA keys are allowed. */
export async function makeKey(
  options: Partial<KeyOptions> & { readonly name?: string } = {},
): Promise<PrivateKey> {
  const { name = 'Test <test@example.org>', ...rest } = options;
  const { privateKey } = await generateKey({
    type: 'rsa',
    rsaBits: 2048,
    subkeys: [],
    date: birth,
    ...rest,
    userIDs: [{ name }],
    format: 'object',
    config: { minRSABits: 512, ...rest.config },
  });
  return privateKey;
}

/** A directory of mode 0700 that is removed after the test file. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'espejo-openpgp-'));
  after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
