import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { encryptKey, type PrivateKey, type SecretKeyPacket } from 'openpgp';
import { exportPublicKey } from '../../../src/openpgp/export-public-key.ts';
import { loadKeyring } from '../../../src/openpgp/keyring.ts';
import { loadSigner } from '../../../src/openpgp/signer.ts';
import { verifyClearsigned, verifyDetached } from '../../../src/openpgp/verify.ts';
import { birth, later, makeKey, temporaryDirectory } from '../../support/openpgp-keys.ts';

const content = Buffer.from('Origin: Espejo\nDescription: a\n -dash\n-----\n\n');

describe('a signer', () => {
  test('makes an InRelease that verifies and holds exactly the text', async () => {
    const directory = await directoryWith({ 'a.asc': await makeKey() });
    const signer = await loadSigner({ directory, now: later });

    const document = await signer.clearsign(content, later);

    const checked = await verifyClearsigned(document, await loadKeyring([signer.publicKey]), later);
    assert.deepEqual(checked.content, content);
    assert.deepEqual(
      checked.signatures.map(({ status }) => status),
      ['good'],
    );
    assert.deepEqual(
      checked.signatures.map(({ fingerprint }) => fingerprint),
      signer.fingerprints,
    );
    assert.deepEqual(checked.signatures[0]?.createdAt, later);
    assert.deepEqual(signer.warnings, []);
  });

  test('makes a detached signature over the exact bytes', async () => {
    const directory = await directoryWith({ 'a.asc': await makeKey() });
    const signer = await loadSigner({ directory, now: later });

    const signature = await signer.detachSign(content, later);

    const keyring = await loadKeyring([signer.publicKey]);
    const [checked] = await verifyDetached(content, signature, keyring, later);
    const [changed] = await verifyDetached(
      Buffer.concat([content, Buffer.from('\n')]),
      signature,
      keyring,
      later,
    );
    assert.equal(checked?.status, 'good');
    assert.equal(changed?.status, 'bad');
  });

  test('gives the same bytes for the same text and date, without comments', async () => {
    const directory = await directoryWith({ 'a.asc': await makeKey() });
    const [one, two] = [
      await loadSigner({ directory, now: later }),
      await loadSigner({ directory, now: later }),
    ];

    const first = await one.clearsign(content, later);

    assert.deepEqual(await two.clearsign(content, later), first);
    assert.deepEqual(await two.detachSign(content, later), await one.detachSign(content, later));
    assert.doesNotMatch(first.toString(), /Version:|Comment:|\r/);
  });

  test('signs with several keys at once', async () => {
    const [rsa, curve] = [await makeKey(), await makeKey({ type: 'ecc', curve: 'ed25519Legacy' })];
    const directory = await directoryWith({ 'a.asc': rsa, 'b.asc': curve });
    const key = `${rsa.getFingerprint()}, ${curve.getFingerprint()}`;
    const signer = await loadSigner({ directory, key, now: later });

    const document = await signer.clearsign(content, later);

    const keyring = await loadKeyring([signer.publicKey]);
    const { signatures } = await verifyClearsigned(document, keyring, later);
    assert.equal(keyring.keys.length, 2);
    assert.deepEqual(
      signatures.map(({ status }) => status),
      ['good', 'good'],
    );
    assert.deepEqual(
      signatures.map(({ fingerprint }) => fingerprint),
      signer.fingerprints,
    );
    assert.deepEqual(signer.warnings, []);
  });

  test('signs with the subkey when the primary is elsewhere', async () => {
    const key = await makeKey({ subkeys: [{ sign: true }] });
    (key.keyPacket as SecretKeyPacket).makeDummy();
    const directory = await directoryWith({ 'a.asc': key });
    const signer = await loadSigner({ directory, now: later });

    const document = await signer.clearsign(content, later);

    const { signatures } = await verifyClearsigned(document, await loadKeyring([signer.publicKey]), later);
    assert.deepEqual(
      signatures.map(({ status }) => status),
      ['good'],
    );
    assert.deepEqual(signer.fingerprints, [key.subkeys[0]?.getFingerprint().toUpperCase()]);
    assert.deepEqual(signer.primaryFingerprints, [key.getFingerprint().toUpperCase()]);
  });

  test('refuses to sign before its key was made', async () => {
    const signer = await loadSigner({
      directory: await directoryWith({ 'a.asc': await makeKey() }),
      now: later,
    });

    await assert.rejects(signer.clearsign(content, new Date(birth.getTime() - 1000)), {
      code: 'E_KEY_INVALID',
    });
  });
});

describe('loadSigner', () => {
  test('finds a key by fingerprint, ids, user id and path', async () => {
    const [alice, bob] = [
      await makeKey({ name: 'Alice <alice@example.org>' }),
      await makeKey({ name: 'Bob' }),
    ];
    const directory = await directoryWith({ 'alice.sec.asc': alice, 'bob.key': bob });
    const fingerprint = alice.getFingerprint().toUpperCase();
    const names = [
      fingerprint,
      `0x${fingerprint.slice(-16)}`,
      fingerprint.slice(-8),
      'ALICE@',
      'alice.sec.asc',
    ];

    for (const key of [...names, join(directory, 'alice.sec.asc'), fingerprint.replace(/.{4}/g, '$& ')]) {
      const signer = await loadSigner({ directory, key, now: later });

      assert.deepEqual(signer.fingerprints, [fingerprint], key);
    }
  });

  test('takes the subkey that is named', async () => {
    const key = await makeKey({
      type: 'ecc',
      curve: 'ed25519Legacy',
      subkeys: [{ sign: true }, { sign: true, date: later }],
    });
    const directory = await directoryWith({ 'a.asc': key });
    const [older] = key.subkeys.map((subkey) => subkey.getFingerprint().toUpperCase());

    const signer = await loadSigner({ directory, key: `${older}!`, now: later });

    assert.deepEqual(signer.fingerprints, [older]);
  });

  test('reads binary files and passes over public keys and other files', async () => {
    const key = await makeKey();
    const directory = temporaryDirectory();
    await writeFile(join(directory, 'b.gpg'), key.write(), { mode: 0o600 });
    await writeFile(join(directory, 'a.pub.asc'), key.toPublic().armor());
    await writeFile(join(directory, 'a.pub.gpg'), key.toPublic().write());
    await writeFile(join(directory, 'notes.asc'), 'nothing');

    const signer = await loadSigner({ directory, now: later });

    assert.deepEqual(signer.fingerprints, [key.getFingerprint().toUpperCase()]);
  });

  const missing: readonly (readonly [string, string | undefined])[] = [
    ['several keys and none named', undefined],
    ['a key that is not there', 'ffffffffffffffff'],
    ['a user id that is not there', 'carol'],
    ['a path that is not there', './nothing.asc'],
  ];
  for (const [name, key] of missing) {
    test(`refuses ${name}`, async () => {
      const directory = await directoryWith({ 'a.asc': await makeKey(), 'b.asc': await makeKey() });

      await assert.rejects(loadSigner({ directory, now: later, ...(key === undefined ? {} : { key }) }), {
        code: 'E_KEY_NOT_FOUND',
      });
    });
  }

  test('refuses a directory that is absent', async () => {
    await assert.rejects(loadSigner({ directory: '/nonexistent/keys' }), { code: 'E_KEY_NOT_FOUND' });
  });

  test('refuses a damaged private key', async () => {
    const directory = temporaryDirectory();
    const armor = (await makeKey()).armor();
    await writeFile(join(directory, 'a.asc'), armor.slice(0, armor.length / 2), { mode: 0o600 });

    await assert.rejects(loadSigner({ directory }), { code: 'E_KEY_INVALID', message: /a\.asc/ });
  });

  test('refuses a key that has expired', async () => {
    const directory = await directoryWith({ 'a.asc': await makeKey({ keyExpirationTime: 60 }) });

    await assert.rejects(loadSigner({ directory, now: later }), { code: 'E_KEY_INVALID' });
  });

  test('opens a locked key with its passphrase only', async () => {
    const privateKey = await encryptKey({ privateKey: await makeKey(), passphrase: 'open sesame' });
    const directory = await directoryWith({ 'a.asc': privateKey });

    const signer = await loadSigner({ directory, passphrase: 'open sesame', now: later });

    assert.equal(signer.fingerprints.length, 1);
    await assert.rejects(loadSigner({ directory, now: later }), { code: 'E_KEY_PASSPHRASE' });
    await assert.rejects(loadSigner({ directory, passphrase: 'open barley', now: later }), (error: Error) => {
      assert.doesNotMatch(`${error.message}${error.stack}`, /barley/);
      assert.equal('code' in error && error.code, 'E_KEY_PASSPHRASE');
      return true;
    });
  });

  test('warns of a file that others can read', async () => {
    const directory = await directoryWith({ 'a.asc': await makeKey() });
    await chmod(join(directory, 'a.asc'), 0o640);

    const { warnings } = await loadSigner({ directory, now: later });

    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /a\.asc can be read by other users/);
  });

  test('warns when no key can be verified by xenial', async () => {
    const directory = await directoryWith({
      'a.asc': await makeKey({ type: 'ecc', curve: 'ed25519Legacy' }),
    });

    const { warnings } = await loadSigner({ directory, now: later });

    assert.match(warnings.join(), /xenial/);
  });

  test('a key that newer clients refuse signs with a warning that names it', async () => {
    const key = await makeKey({ rsaBits: 1024 });
    const directory = await directoryWith({ 'a.asc': key });

    const signer = await loadSigner({ directory, now: later });
    const document = await signer.clearsign(content, later);

    assert.deepEqual(signer.warnings, [
      `the signing key ${key.getFingerprint().toUpperCase()} (rsa1024) is weak: apt up to 2.6 (Debian 12) takes it, apt 3.0 (Debian 13) refuses it`,
    ]);
    const { signatures } = await verifyClearsigned(document, await loadKeyring([signer.publicKey]), later);
    assert.deepEqual(
      signatures.map(({ status, doubts }) => [status, doubts]),
      [['weak', ['weak-key']]],
    );
  });
});

describe('exportPublicKey', () => {
  test('gives both forms of a locked key, without its secret', async () => {
    const privateKey = await encryptKey({ privateKey: await makeKey(), passphrase: 'x' });
    const directory = await directoryWith({ 'a.asc': privateKey });

    const { armored, binary } = await exportPublicKey({ directory });

    assert.match(armored, /^-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n/);
    assert.deepEqual(binary, Buffer.from(privateKey.toPublic().write()));
  });
});

async function directoryWith(keys: Readonly<Record<string, PrivateKey>>): Promise<string> {
  const directory = temporaryDirectory();
  for (const [name, key] of Object.entries(keys)) {
    await writeFile(join(directory, name), key.armor(), { mode: 0o600 });
  }
  return directory;
}
