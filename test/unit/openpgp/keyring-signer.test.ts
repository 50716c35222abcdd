import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { encryptKey, type PrivateKey } from 'openpgp';
import { loadKeyring } from '../../../src/openpgp/keyring.ts';
import { type KeyringSignerOptions, loadKeyringSigner } from '../../../src/openpgp/keyring-signer.ts';
import { verifyClearsigned } from '../../../src/openpgp/verify.ts';
import { temporaryFiles } from '../../support/files.ts';
import { birth, later, makeKey } from '../../support/openpgp-keys.ts';

const { directory, put } = temporaryFiles();
const first = await makeKey({ name: 'First <first@example.org>' });
const second = await makeKey({ name: 'Second (x) <second@example.org>', subkeys: [{ sign: true }] });
const locked = await encryptKey({ privateKey: first, passphrase: 'secret' });

async function signerOf(keys: readonly PrivateKey[], options: Partial<KeyringSignerOptions> = {}) {
  const bytes = Buffer.concat(keys.map((key) => Buffer.from(key.write())));
  return await loadKeyringSigner({
    secretKeyring: put('secring.gpg', bytes),
    publicKeyring: join(directory, 'none.gpg'),
    key: undefined,
    passphrase: undefined,
    ask: undefined,
    now: later,
    ...options,
  });
}

function primary(key: PrivateKey): string {
  return key.getFingerprint().toUpperCase();
}

test('signs with the first key, or the one that is named', async () => {
  const keys = [first, second];
  const ids = [
    primary(second),
    second.getKeyID().toHex(),
    primary(second).slice(-8),
    'second@example',
    second.subkeys[0]?.getFingerprint(),
  ];

  assert.deepEqual((await signerOf(keys)).primaryFingerprints, [primary(first)]);
  for (const key of ids)
    assert.deepEqual((await signerOf(keys, { key })).primaryFingerprints, [primary(second)], key);
});

test('what it signs verifies', async () => {
  const signer = await signerOf([second]);

  const document = await signer.clearsign(Buffer.from('Origin: x\n'), later);

  const { signatures } = await verifyClearsigned(document, await loadKeyring([signer.publicKey]), later);
  assert.deepEqual(
    signatures.map(({ status, fingerprint }) => [status, fingerprint]),
    [['good', signer.fingerprints[0]]],
  );
});

test('no key, and none that fits, are told in the words of aptly', async () => {
  const absent = { secretKeyring: join(directory, 'absent.gpg') };

  await assert.rejects(signerOf([], absent), {
    code: 'E_KEY_NOT_FOUND',
    message: /^looks like there are no keys in gpg, please create one \(official manual: /,
  });
  await assert.rejects(signerOf([first], { key: 'nobody' }), {
    code: 'E_KEY_NOT_FOUND',
    message: "couldn't find key for key reference nobody in private keyring",
  });
});

test('a locked key needs its passphrase', async () => {
  await signerOf([locked], { passphrase: 'secret' });
  await assert.rejects(signerOf([locked], { passphrase: 'wrong' }), {
    code: 'E_KEY_PASSPHRASE',
    message: 'unable to decrypt the key, passphrase is wrong',
  });
  await assert.rejects(signerOf([locked]), {
    code: 'E_KEY_PASSPHRASE',
    message: 'key is locked with passphrase, but no passphrase was given in batch mode',
  });
});

test('a person is asked three times', async () => {
  const asked: string[] = [];
  const answers =
    (...texts: readonly string[]) =>
    async (key: { readonly userIds: readonly string[] }, attempt: number): Promise<string> => {
      asked.push(`${attempt} ${key.userIds.join()}`);
      return texts[attempt - 1] ?? '';
    };

  await signerOf([locked], { ask: answers('a', 'b', 'secret') });
  await assert.rejects(signerOf([locked], { ask: answers('a', 'b', 'c') }), { code: 'E_KEY_PASSPHRASE' });

  const user = 'First <first@example.org>';
  assert.deepEqual(
    asked,
    ['1', '2', '3', '1', '2', '3'].map((attempt) => `${attempt} ${user}`),
  );
});

test('the public keyring knows that a key lives longer', async () => {
  const expired = await makeKey({ name: 'Old <old@example.org>', keyExpirationTime: 3600 });
  const { reformatKey } = await import('openpgp');
  const { privateKey: renewed } = await reformatKey({
    privateKey: expired,
    userIDs: [{ name: 'Old <old@example.org>' }],
    date: new Date(birth.getTime() + 1_000_000),
    format: 'object',
  });
  const publicKeyring = put('pubring.gpg', renewed.toPublic().write());

  await assert.rejects(signerOf([expired]), { code: 'E_KEY_INVALID' });
  assert.deepEqual((await signerOf([expired], { publicKeyring })).primaryFingerprints, [primary(expired)]);
});
