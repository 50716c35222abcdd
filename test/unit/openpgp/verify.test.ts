import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { enums, type PrivateKey, revokeKey, type SecretKeyPacket } from 'openpgp';
import type { Keyring } from '../../../src/openpgp/contract.ts';
import { loadKeyring } from '../../../src/openpgp/keyring.ts';
import { verifyClearsigned, verifyDetached } from '../../../src/openpgp/verify.ts';
import { birth, later, makeKey } from '../../support/openpgp-keys.ts';
import { clearsignWith, detachWith } from '../../support/openpgp-signatures.ts';
import { inReleaseFiles, skipWithoutXenial, xenialDirectory } from '../../support/xenial.ts';

const text = Buffer.from('Origin: Test\nSuite: stable\n');

describe('genuine InRelease files of xenial', { skip: skipWithoutXenial }, () => {
  const now = new Date('2026-01-01T00:00:00Z');

  test('all 21 are good by the RSA key and weak by the DSA key', async () => {
    const keyring = await loadKeyring([
      { path: join(xenialDirectory, 'keyrings/ubuntu-archive-keyring.gpg') },
    ]);

    const verdicts = new Set<string>();
    for (const path of inReleaseFiles()) {
      const { content, signatures } = await verifyClearsigned(await readFile(path), keyring, now);
      assert.equal(content.subarray(0, 15).toString(), 'Origin: Ubuntu\n');
      verdicts.add(signatures.map(({ keyId, status, digest }) => `${keyId} ${status} ${digest}`).join(', '));
    }

    assert.equal(inReleaseFiles().length, 21);
    assert.deepEqual([...verdicts], ['40976EAF437D05B5 weak SHA512, 3B4FE6ACC0B21F32 good SHA512']);
  });

  test('one changed digit makes both signatures bad', async () => {
    const keyring = await loadKeyring([
      { path: join(xenialDirectory, 'keyrings/ubuntu-archive-keyring.gpg') },
    ]);
    const document = await readFile(join(xenialDirectory, 'ubuntu/dists/xenial/InRelease'), 'latin1');
    const forged = Buffer.from(document.replace('Version: 16.04', 'Version: 16.05'), 'latin1');

    const { signatures } = await verifyClearsigned(forged, keyring, now);

    assert.deepEqual(
      signatures.map(({ status }) => status),
      ['bad', 'bad'],
    );
  });

  test('the keyring in keys/ verifies xenial', async () => {
    const path = resolve(import.meta.dirname, '../../../keys/ubuntu-archive-keyring.gpg');
    const keyring = await loadKeyring([{ path }]);
    const document = await readFile(join(xenialDirectory, 'ubuntu/dists/xenial/InRelease'));

    const { signatures } = await verifyClearsigned(document, keyring, now);

    assert.deepEqual(
      signatures.map(({ status }) => status),
      ['unknown-key', 'good'],
    );
    assert.equal(signatures[1]?.fingerprint, '790BC7277767219C42C86F933B4FE6ACC0B21F32');
  });
});

describe('verdicts', () => {
  test('a fitting RSA signature is good', async () => {
    const key = await makeKey();

    const [checked] = await check(key, { keyring: await keyringOf(key) });

    assert.deepEqual(
      { status: checked?.status, reason: checked?.reason, digest: checked?.digest },
      { status: 'good', reason: undefined, digest: 'SHA512' },
    );
    assert.equal(checked?.fingerprint, key.getFingerprint().toUpperCase());
    assert.equal(checked?.keyId, checked?.fingerprint?.slice(-16));
    assert.deepEqual(checked?.createdAt, later);
  });

  for (const curve of ['ed25519Legacy', 'nistP256'] as const) {
    test(`a fitting ${curve} signature is good`, async () => {
      const key = await makeKey({ type: 'ecc', curve });

      const [checked] = await check(key, { keyring: await keyringOf(key) });

      assert.equal(checked?.status, 'good');
    });
  }

  test('a signing subkey is good and named along with its primary', async () => {
    const key = await makeKey({ type: 'ecc', curve: 'ed25519Legacy', subkeys: [{ sign: true }] });

    const [checked] = await check(key, { keyring: await keyringOf(key) });

    assert.equal(checked?.status, 'good');
    assert.equal(checked?.fingerprint, key.subkeys[0]?.getFingerprint().toUpperCase());
    assert.equal(checked?.primaryFingerprint, key.getFingerprint().toUpperCase());
  });

  test('a key that is not in the keyring is unknown', async () => {
    const [checked] = await check(await makeKey(), { keyring: await keyringOf(await makeKey()) });

    assert.equal(checked?.status, 'unknown-key');
    assert.equal(checked?.fingerprint, undefined);
  });

  for (const digest of ['md5', 'sha1', 'ripemd'] as const) {
    test(`a fitting signature over ${digest} is weak`, async () => {
      const key = await makeKey();

      const [checked] = await check(key, { keyring: await keyringOf(key), digest: enums.hash[digest] });

      assert.equal(checked?.status, 'weak');
      assert.match(checked?.reason ?? '', /too weak/);
      assert.deepEqual(checked?.doubts, digest === 'md5' ? [] : ['weak-digest']);
    });
  }

  test('an RSA key of 1024 bits is weak', async () => {
    const key = await makeKey({ rsaBits: 1024 });

    const [checked] = await check(key, { keyring: await keyringOf(key) });

    assert.equal(checked?.status, 'weak');
    assert.deepEqual(checked?.doubts, ['weak-key']);
  });

  test('a weak key with a weak digest has both doubts', async () => {
    const key = await makeKey({ rsaBits: 1024 });

    const [checked] = await check(key, { keyring: await keyringOf(key), digest: enums.hash.sha1 });

    assert.deepEqual([checked?.status, checked?.doubts], ['weak', ['weak-digest', 'weak-key']]);
  });

  test('MD5 stays out of the question for a weak key too', async () => {
    const key = await makeKey({ rsaBits: 1024 });

    const [checked] = await check(key, { keyring: await keyringOf(key), digest: enums.hash.md5 });

    assert.deepEqual([checked?.status, checked?.doubts], ['weak', []]);
  });

  test('a weak key that was revoked is revoked', async () => {
    const key = await makeKey({ rsaBits: 1024 });
    const { publicKey } = await revokeKey({
      key,
      format: 'object',
      config: { minRSABits: 0 },
      date: new Date(birth.getTime() + 1000),
    });
    const keyring = await loadKeyring([{ armored: publicKey.armor() }]);

    const [checked] = await check(key, { keyring });

    assert.deepEqual([checked?.status, checked?.doubts], ['revoked', []]);
  });

  test('a weak key that expired after it signed has both doubts, and none when it had expired before', async () => {
    const key = await makeKey({ rsaBits: 1024, keyExpirationTime: 3600 });
    const before = await detachWith(key, text, new Date(birth.getTime() + 60_000), enums.hash.sha256);
    const after = await detachWith(key, text, new Date(birth.getTime() + 7_200_000), enums.hash.sha256);

    const checked = [before, after].map((signature) =>
      keyringOf(key).then((keyring) => verifyDetached(text, signature, keyring, later)),
    );

    const verdicts = (await Promise.all(checked)).flat().map(({ status, doubts }) => [status, doubts]);
    assert.deepEqual(verdicts, [
      ['expired', ['expired-key', 'weak-key']],
      ['expired', []],
    ]);
  });

  test('a signature that does not fit is bad, however weak', async () => {
    const key = await makeKey({ rsaBits: 1024 });
    const signature = await detachWith(key, text, later, enums.hash.sha512);

    const [checked] = await verifyDetached(Buffer.from('other\n'), signature, await keyringOf(key), later);

    assert.equal(checked?.status, 'bad');
  });

  test('a key that has expired since it signed is expired', async () => {
    const key = await makeKey({ keyExpirationTime: 3600 });
    const signature = await detachWith(key, text, new Date(birth.getTime() + 60_000), enums.hash.sha512);

    const [checked] = await verifyDetached(text, signature, await keyringOf(key), later);

    assert.equal(checked?.status, 'expired');
  });

  test('a key that has not expired yet is good', async () => {
    const key = await makeKey({ keyExpirationTime: 3600 });
    const soon = new Date(birth.getTime() + 60_000);
    const signature = await detachWith(key, text, soon, enums.hash.sha512);

    const [checked] = await verifyDetached(text, signature, await keyringOf(key), soon);

    assert.equal(checked?.status, 'good');
  });

  test('a revoked key is revoked, also when another copy of it is not', async () => {
    const key = await makeKey();
    const { publicKey } = await revokeKey({ key, date: later, format: 'object' });
    const keyring = await loadKeyring([{ armored: key.toPublic().armor() }, { armored: publicKey.armor() }]);

    const [checked] = await check(key, { keyring });

    assert.equal(checked?.status, 'revoked');
  });

  test('a revoked subkey is revoked', async () => {
    const key = await makeKey({ type: 'ecc', curve: 'ed25519Legacy', subkeys: [{ sign: true }] });
    const signature = await detachWith(key, text, later, enums.hash.sha512);
    const [subkey] = key.subkeys;
    assert.ok(subkey !== undefined);
    key.subkeys[0] = await subkey.revoke(key.keyPacket as SecretKeyPacket, {}, later);

    const [checked] = await verifyDetached(text, signature, await keyringOf(key), later);

    assert.equal(checked?.status, 'revoked');
  });

  test('a subkey that may only encrypt cannot vouch for anything', async () => {
    const key = await makeKey({ subkeys: [{}] });
    const signature = await detachWith(key, text, later, enums.hash.sha512, key.subkeys[0]);

    const [checked] = await verifyDetached(text, signature, await keyringOf(key), later);

    assert.equal(checked?.status, 'unsupported');
  });

  test('a signature of version 3 is unsupported and does not hide the good one beside it', async () => {
    const key = await makeKey();
    const signature = await detachWith(key, text, later, enums.hash.sha512);
    const version3 = Buffer.from([0xc2, 19, 3, 5, 0, ...Array.from({ length: 16 }, () => 1)]);

    const checked = await verifyDetached(
      text,
      Buffer.concat([version3, signature]),
      await keyringOf(key),
      later,
    );

    assert.deepEqual(
      checked.map(({ status }) => status),
      ['unsupported', 'good'],
    );
  });
});

describe('detached signatures', () => {
  test('an empty one is missing', async () => {
    await assert.rejects(verifyDetached(text, Buffer.alloc(0), await emptyKeyring(), later), {
      code: 'E_SIGNATURE_MISSING',
    });
  });

  for (const garbage of [
    '<html>404</html>\n',
    '\u00ff\u00ff\u00ff',
    '-----BEGIN PGP SIGNATURE-----\n\nAA\n',
  ]) {
    test(`${JSON.stringify(garbage)} is invalid`, async () => {
      await assert.rejects(
        verifyDetached(text, Buffer.from(garbage, 'latin1'), await emptyKeyring(), later),
        {
          code: 'E_SIGNATURE_INVALID',
        },
      );
    });
  }

  test('several armoured ones, one after the other, all count', async () => {
    const [one, other] = [await makeKey(), await makeKey()];
    const blocks = [];
    for (const key of [one, other]) {
      const document = await clearsignWith(key, text, later);
      blocks.push(document.subarray(document.indexOf('-----BEGIN PGP SIGNATURE')));
    }
    const signature = Buffer.concat([blocks[0] ?? text, Buffer.from('\n'), blocks[1] ?? text]);

    const checked = await verifyDetached(text, signature, await keyringOf(one), later);

    assert.equal(checked.length, 2);
    assert.equal(checked.filter(({ status }) => status === 'unknown-key').length, 1);
  });

  test('text after an armoured one is refused', async () => {
    const key = await makeKey();
    const document = await clearsignWith(key, text, later);
    const armored = document.subarray(document.indexOf('-----BEGIN PGP SIGNATURE'));

    await assert.rejects(
      verifyDetached(text, Buffer.concat([armored, Buffer.from('more\n')]), await keyringOf(key), later),
      { code: 'E_SIGNATURE_INVALID' },
    );
  });
});

describe('keyrings', () => {
  test('hold several armoured keys in one text', async () => {
    const [one, two] = [await makeKey(), await makeKey({ type: 'ecc', curve: 'ed25519Legacy' })];

    const keyring = await loadKeyring([
      { armored: `# mine\n${one.toPublic().armor()}\n\n${two.toPublic().armor()}` },
    ]);

    assert.deepEqual(
      keyring.keys.map(({ algorithm }) => algorithm),
      ['rsa2048', 'ed25519'],
    );
  });

  test('take only the public part of a private key', async () => {
    const keyring = await loadKeyring([{ armored: (await makeKey()).armor() }]);

    assert.equal(keyring.certificates[0]?.isPrivate(), false);
  });

  for (const armored of [
    '',
    'no key',
    '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n!!!!\n-----END PGP PUBLIC KEY BLOCK-----',
  ]) {
    test(`${JSON.stringify(armored.slice(0, 20))} is refused`, async () => {
      await assert.rejects(loadKeyring([{ armored }]), { code: 'E_KEYRING_INVALID' });
    });
  }

  test('name the file that is missing', async () => {
    await assert.rejects(loadKeyring([{ path: '/nonexistent/keyring.gpg' }]), {
      code: 'E_KEYRING_INVALID',
      message: /\/nonexistent\/keyring\.gpg/,
    });
  });
});

async function check(key: PrivateKey, options: { keyring: Keyring; digest?: enums.hash }) {
  const signature = await detachWith(key, text, later, options.digest ?? enums.hash.sha512);
  return verifyDetached(text, signature, options.keyring, later);
}

function keyringOf(key: PrivateKey): Promise<Keyring> {
  return loadKeyring([{ armored: key.toPublic().armor() }]);
}

async function emptyKeyring(): Promise<Keyring> {
  return { keys: [], certificates: [] };
}
