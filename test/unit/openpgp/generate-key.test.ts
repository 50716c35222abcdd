import assert from 'node:assert/strict';
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { generateKey } from '../../../src/openpgp/generate-key.ts';
import { loadKeyring } from '../../../src/openpgp/keyring.ts';
import { loadSigner } from '../../../src/openpgp/signer.ts';
import { birth, makeKey, temporaryDirectory } from '../../support/openpgp-keys.ts';

const options = { userId: 'Espejo <espejo@example.org>', now: birth, rsaBits: 2048 } as const;

describe('generateKey', () => {
  test('makes a pair in a private directory', async () => {
    const directory = join(temporaryDirectory(), 'deep/keys');

    const result = await generateKey({ ...options, directory });

    const { keys } = await loadKeyring([{ path: result.publicPath }]);
    assert.equal(result.created, true);
    assert.deepEqual(await readdir(directory), ['espejo.pub.asc', 'espejo.pub.gpg', 'espejo.sec.asc']);
    assert.equal((await stat(directory)).mode & 0o777, 0o700);
    assert.equal((await stat(result.privatePath)).mode & 0o777, 0o600);
    assert.deepEqual(
      { ...keys[0], keyId: undefined },
      {
        fingerprint: result.fingerprint,
        keyId: undefined,
        algorithm: 'rsa2048',
        createdAt: birth,
        userIds: [options.userId],
        subkeys: [],
        weakness: undefined,
      },
    );
  });

  test('is RSA 4096 by default', async () => {
    const directory = temporaryDirectory();

    const { publicPath } = await generateKey({ directory, userId: 'Espejo', now: birth });

    const { keys } = await loadKeyring([{ path: publicPath }]);
    assert.equal(keys[0]?.algorithm, 'rsa4096');
  });

  test('leaves the key that is there', async () => {
    const directory = temporaryDirectory();
    const first = await generateKey({ ...options, directory });
    const before = await readFile(first.privatePath);

    const second = await generateKey({ ...options, directory });

    assert.deepEqual(second, { ...first, created: false });
    assert.deepEqual(await readFile(first.privatePath), before);
  });

  test('uses a key that somebody else put there and publishes it', async () => {
    const directory = temporaryDirectory();
    const key = await makeKey();
    await writeFile(join(directory, 'mine.asc'), key.armor(), { mode: 0o600 });

    const result = await generateKey({ ...options, directory });

    const { keys } = await loadKeyring([{ path: join(directory, 'espejo.pub.gpg') }]);
    assert.equal(result.created, false);
    assert.equal(result.privatePath, join(directory, 'mine.asc'));
    assert.equal(keys[0]?.fingerprint, key.getFingerprint().toUpperCase());
  });

  test('makes one key when two start at once', async () => {
    const directory = temporaryDirectory();

    const results = await Promise.all([1, 2, 3].map(() => generateKey({ ...options, directory })));

    assert.equal(results.filter(({ created }) => created).length, 1);
    assert.equal(new Set(results.map(({ fingerprint }) => fingerprint)).size, 1);
    assert.equal((await readdir(directory)).length, 3);
  });

  test('makes a locked key that its passphrase opens', async () => {
    const directory = temporaryDirectory();

    const { fingerprint } = await generateKey({ ...options, directory, passphrase: 'secret words' });

    const signer = await loadSigner({ directory, passphrase: 'secret words' });
    assert.deepEqual(signer.fingerprints, [fingerprint]);
    await assert.rejects(loadSigner({ directory }), { code: 'E_KEY_PASSPHRASE' });
  });

  test('refuses a user id of several lines', async () => {
    await assert.rejects(generateKey({ ...options, directory: temporaryDirectory(), userId: 'a\nb' }), {
      code: 'E_KEY_INVALID',
    });
  });

  test('reports a directory that cannot be written', {
    skip: process.getuid?.() === 0 && 'root may write everywhere',
  }, async () => {
    const directory = temporaryDirectory();
    await chmod(directory, 0o500);

    await assert.rejects(generateKey({ ...options, directory }), { code: 'E_PERMISSION' });
  });
});
