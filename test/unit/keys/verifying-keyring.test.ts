import assert from 'node:assert/strict';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadVerifyingKeyring } from '../../../src/keys/verifying-keyring.ts';
import { failureOf, testDirectory } from '../../support/fetching.ts';
import { signingKey } from '../../support/signing-keys.ts';

test('without -keyring the trusted keys of gpg are taken, those of both files', async (context) => {
  const home = await testDirectory(context);
  const [one, two] = [await signingKey('archive'), await signingKey('mirror')];
  await mkdir(join(home, '.gnupg'));
  await copyFile(one.publicPath, join(home, '.gnupg/trustedkeys.gpg'));
  await copyFile(two.publicPath, join(home, '.gnupg/trustedkeys.kbx'));

  const { keys } = await loadVerifyingKeyring({ env: { HOME: home } }, []);

  assert.deepEqual(
    keys.map(({ fingerprint }) => fingerprint),
    [two.fingerprint, one.fingerprint],
  );
});

test('a name without a slash is looked for in $GNUPGHOME, any other is a path', async (context) => {
  const home = await testDirectory(context);
  const key = await signingKey('archive');
  await copyFile(key.publicPath, join(home, 'archive.gpg'));
  const env = { HOME: '/nowhere', GNUPGHOME: home };
  const names = ['archive.gpg', join(home, 'archive.gpg'), 'gnupg-ring:archive.gpg'];

  for (const name of names) {
    const { keys } = await loadVerifyingKeyring({ env }, [name]);
    assert.deepEqual(
      keys.map(({ fingerprint }) => fingerprint),
      [key.fingerprint],
      name,
    );
  }
  const { keys } = await loadVerifyingKeyring({ env: { HOME: home } }, ['~/archive.gpg']);
  assert.equal(keys.length, 1);
});

test('a keyring that is not there is named, with what to do', async (context) => {
  const home = await testDirectory(context);
  const env = { HOME: home };

  const standard = await failureOf(loadVerifyingKeyring({ env }, []));
  const named = await failureOf(loadVerifyingKeyring({ env }, ['archive.gpg']));

  assert.equal(standard.code, 'E_KEYRING_INVALID');
  assert.equal(
    standard.message,
    `keyring ${home}/.gnupg/trustedkeys.gpg does not exist; import the key of the archive: ` +
      'gpg --no-default-keyring --keyring trustedkeys.gpg --import <key file>, or name a keyring with -keyring',
  );
  assert.equal(
    named.message,
    `keyring ${home}/.gnupg/archive.gpg does not exist; a name without "/" is looked for in the GnuPG home directory`,
  );
});

test('a keyring that holds no key is refused', async (context) => {
  const home = await testDirectory(context);
  await writeFile(join(home, 'empty.gpg'), '');

  const error = await failureOf(loadVerifyingKeyring({ env: {} }, [join(home, 'empty.gpg')]));

  assert.equal(error.code, 'E_KEYRING_INVALID');
  assert.match(error.message, /empty\.gpg: it holds no OpenPGP key/);
});
