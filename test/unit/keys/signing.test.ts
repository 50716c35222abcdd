import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { encryptKey, readPrivateKey } from 'openpgp';
import { parseConfig } from '../../../src/config/parse-config.ts';
import type { EspejoError } from '../../../src/core/errors.ts';
import { namedProvider } from '../../../src/keys/gpg-provider.ts';
import type { KeyPorts } from '../../../src/keys/ports.ts';
import { type SigningOptions, signerForPublish } from '../../../src/keys/signing.ts';
import type { Signer } from '../../../src/openpgp/contract.ts';
import { silentJob } from '../../support/open-test-app.ts';
import { makeKey } from '../../support/openpgp-keys.ts';
import { installKey } from '../../support/signing-keys.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const nothing: SigningOptions = {
  skip: undefined,
  provider: '',
  keys: [],
  keyrings: [],
  secretKeyring: '',
  passphrase: '',
  passphraseFile: '',
  batch: true,
};

/** A root directory and a home with nothing in them; no program is on the path. */
function place(config: Readonly<Record<string, unknown>> = {}) {
  const root = temporaryDirectory('signing');
  const env = { HOME: root, PATH: join(root, 'bin') };
  const text = JSON.stringify({ rootDir: root, ...config });
  return { root, env, config: parseConfig(text, { path: join(root, 'aptly.conf'), env }) };
}

type Place = ReturnType<typeof place> & Pick<KeyPorts, 'askPassphrase'>;

async function signer(at: Place, options: Partial<SigningOptions> = {}) {
  return await signerForPublish(at, { ...nothing, ...options }, silentJob());
}

async function refusal(at: Place, options: Partial<SigningOptions> = {}): Promise<string> {
  return await signer(at, options).then(
    (made: Signer | undefined) => `made ${made?.fingerprints.join() ?? 'none'}`,
    (error: EspejoError) => `${error.stage ?? 'none'}: ${error.message}`,
  );
}

const noGpg = /^sign: Couldn't find a suitable gpg executable\. Make sure gnupg is/;

test('nothing is signed when the flag says so, or else the configuration', async () => {
  assert.equal(await signer(place(), { skip: true, provider: 'nonsense' }), undefined);
  assert.equal(await signer(place({ gpgDisableSign: true })), undefined);
  assert.match(await refusal(place({ gpgDisableSign: true }), { skip: false }), noGpg);
});

test('espejo signs with its own key unless something speaks of others', async () => {
  const own = place();
  const { fingerprint } = await installKey('own', own.config.keys.directory);
  const named = place({ gpgProvider: 'gpg' });
  await installKey('own', named.config.keys.directory);
  const withKeys = place({ gpgKeys: ['ABCDEF01'] });
  await installKey('own', withKeys.config.keys.directory);

  assert.deepEqual((await signer(own))?.fingerprints, [fingerprint]);
  for (const options of [{ keys: ['X'] }, { keyrings: ['k'] }, { secretKeyring: 's' }, { provider: 'gpg' }])
    assert.match(await refusal(own, options), noGpg);
  assert.match(await refusal(named), noGpg);
  assert.match(await refusal(withKeys), noGpg);
});

test('without any key of its own the program signs', async () => {
  assert.match(await refusal(place()), noGpg);
});

test('an unknown provider is an error of its own; the flag comes before the configuration', async () => {
  const strange = place({ gpgProvider: 'pgp' });

  assert.equal(await refusal(strange), 'none: unknown gpg provider: pgp');
  assert.equal(await refusal(strange, { provider: 'foo' }), 'none: unknown gpg provider: foo');
  assert.match(await refusal(strange, { provider: 'gpg' }), noGpg);
  assert.equal(namedProvider(place({ gpgProvider: 'gpg2' }), ''), 'gpg2');
  assert.equal(namedProvider(place({ gpgProvider: '' }), ''), undefined);
  assert.equal(namedProvider(place(), 'internal'), 'internal');
});

test('internal signs with the keyring in the home of GnuPG, or the one that is named', async () => {
  const at = place({ gpgProvider: 'internal', gpgKeys: ['second@example.org'] });
  const [first, second] = [await makeKey(), await makeKey({ name: 'Second <second@example.org>' })];
  const locked = await encryptKey({ privateKey: first, passphrase: 'secret' });
  const ring = Buffer.concat([Buffer.from(first.write()), Buffer.from(second.write())]);
  const home = { ...at.env, GNUPGHOME: at.root };
  writeFileSync(join(at.root, 'secring.gpg'), ring);
  writeFileSync(join(at.root, 'locked.gpg'), Buffer.from(locked.write()));
  writeFileSync(join(at.root, 'pass'), 'secret\n');
  const made = await signer({ ...at, env: home });
  const byFlag = await signer({ ...at, env: home }, { keys: ['second@example.org', 'test@'] });
  const unlocked = await signer(
    { ...at, env: home },
    { keys: ['test@'], secretKeyring: 'locked.gpg', passphraseFile: join(at.root, 'pass') },
  );

  assert.deepEqual(made?.fingerprints, [second.getFingerprint().toUpperCase()]);
  assert.deepEqual(byFlag?.fingerprints, [first.getFingerprint().toUpperCase()]);
  assert.deepEqual(unlocked?.fingerprints, [first.getFingerprint().toUpperCase()]);
  assert.match(await refusal(at), /^sign: couldn't find key for key reference second@/);
  assert.match(
    await refusal({ ...at, env: home }, { passphraseFile: join(at.root, 'absent') }),
    /^sign: cannot read the passphrase file .*absent: ENOENT$/,
  );
});

test('a person is asked only without batch', async () => {
  const at = { ...place({ gpgProvider: 'internal' }), askPassphrase: async () => 'secret' };
  const locked = await encryptKey({ privateKey: await makeKey(), passphrase: 'secret' });
  writeFileSync(join(at.root, 'locked.gpg'), Buffer.from(locked.write()));
  const options = { secretKeyring: join(at.root, 'locked.gpg') };

  assert.match(
    await refusal(at, options),
    /^sign: key is locked with passphrase, but no passphrase was given in batch mode$/,
  );
  assert.ok(await signer(at, { ...options, batch: false }));
});

test('the passphrase of the configuration unlocks espejo’s own key', async () => {
  const at = place();
  const { fingerprint } = await installKey('own', at.config.keys.directory);
  const name = readdirSync(at.config.keys.directory).find((one) => one.endsWith('.sec.asc')) ?? '';
  const path = join(at.config.keys.directory, name);
  const key = await readPrivateKey({ armoredKey: readFileSync(path, 'utf8') });
  const locked = await encryptKey({ privateKey: key, passphrase: 'secret' });
  writeFileSync(path, locked.armor());

  const made = await signer({ ...at, env: { ...at.env, ESPEJO_PASSPHRASE: 'secret' } } as typeof at);

  assert.deepEqual(made?.fingerprints, [fingerprint]);
  assert.ok(await signer(at, { passphrase: 'secret' }));
  assert.match(await refusal(at), /^sign: the signing key in .* it is locked by/);
});
