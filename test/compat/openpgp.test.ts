import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { PrivateKey } from 'openpgp';
import { loadKeyring } from '../../src/openpgp/keyring.ts';
import { loadSigner } from '../../src/openpgp/signer.ts';
import { verifyClearsigned, verifyDetached } from '../../src/openpgp/verify.ts';
import { later, makeKey, temporaryDirectory } from '../support/openpgp-keys.ts';
import { inReleaseFiles, skipWithoutXenial } from '../support/xenial.ts';

const content = Buffer.from('Origin: Espejo\nDescription: caf\u00e9\n -dash\n-----\nFrom here\n\n\n');
/** A little ahead: keys made by gpg during these tests must not be younger than the present. */
const soon = (): Date => new Date(Date.now() + 60_000);

/** gpgv 1.4 is xenial's, 2.x is that of apt up to 2.8, sqv that of apt 3. */
const verifiers = [
  { program: 'gpgv1', curves: false },
  { program: 'gpgv', curves: true },
  { program: 'sqv', curves: true },
] as const;

for (const { program, curves } of verifiers) {
  describe(`${program} accepts`, { skip: absent(program) }, () => {
    test('an InRelease and a Release.gpg by RSA', async () => {
      const files = await signedFiles([await makeKey()]);

      const verdicts = [verifies(program, files, 'InRelease'), verifies(program, files, 'Release.gpg')];

      assert.deepEqual(verdicts, [true, true]);
    });

    test('a signing subkey whose primary is RSA', async () => {
      const files = await signedFiles([await makeKey({ subkeys: [{ sign: true }] })]);

      const verdicts = [verifies(program, files, 'InRelease'), verifies(program, files, 'Release.gpg')];

      assert.deepEqual(verdicts, [true, true]);
    });

    test('one of two signatures, RSA and Ed25519, with the RSA key alone', async () => {
      const rsa = await makeKey();
      const files = await signedFiles([await makeKey({ type: 'ecc', curve: 'ed25519Legacy' }), rsa]);
      writeFileSync(files.keyring, rsa.toPublic().write());

      const output = runVerifier(program, files, 'InRelease');

      assert.match(output.text, program === 'sqv' ? /^[0-9A-F]{40}$/m : /GOODSIG/);
    });

    test('the RSA signature with both keys in one keyring', async () => {
      const files = await signedFiles([
        await makeKey(),
        await makeKey({ type: 'ecc', curve: 'ed25519Legacy' }),
      ]);

      const output = runVerifier(program, files, 'InRelease');

      assert.match(output.text, program === 'sqv' ? /^[0-9A-F]{40}$/m : /GOODSIG/);
    });

    test(`${curves ? '' : 'no '}Ed25519`, async () => {
      const files = await signedFiles([await makeKey({ type: 'ecc', curve: 'ed25519Legacy' })]);

      const verdict = verifies(program, files, 'InRelease');

      assert.equal(verdict, curves);
    });

    test('nothing when one letter is changed', async () => {
      const files = await signedFiles([await makeKey()]);
      const document = readFileSync(files.InRelease, 'utf8');
      writeFileSync(files.InRelease, document.replace('Espejo', 'espejo'));

      const verdict = verifies(program, files, 'InRelease');

      assert.equal(verdict, false);
    });
  });
}

describe('gpgv --output', { skip: absent('gpgv') }, () => {
  for (const text of [
    content,
    Buffer.from('a\n'),
    Buffer.from('a\n\n'),
    Buffer.from('\n'),
    Buffer.from('-'),
  ]) {
    test(`gives back ${JSON.stringify(text.toString())}`, async () => {
      const files = await signedFiles([await makeKey()], text);
      const output = join(files.directory, 'output');

      run('gpgv', '--keyring', files.keyring, '--output', output, files.InRelease);

      const lineEnd = text.at(-1) === 0x0a ? '' : '\n';
      assert.equal(readFileSync(output, 'utf8'), `${text.toString()}${lineEnd}`);
    });
  }
});

describe('what gpg makes', { skip: absent('gpg') }, () => {
  let home: string;
  before(() => {
    // A short path, because of the length limit of the agent's socket.
    home = mkdtempSync(join(tmpdir(), 'gpg-'));
    // Else the agent measures for seconds how slow a passphrase may be.
    writeFileSync(join(home, 'gpg-agent.conf'), 's2k-count 65536\n');
    gpg('--passphrase', '', '--quick-gen-key', 'gpg <g@x.org>', 'rsa2048', 'sign', 'never');
  });
  after(() => {
    spawnSync('gpgconf', ['--homedir', home, '--kill', 'all']);
    rmSync(home, { recursive: true, force: true });
  });

  function gpg(...args: readonly string[]): Buffer {
    return run('gpg', '--homedir', home, '--batch', '--yes', '--pinentry-mode', 'loopback', ...args);
  }

  const exported = () => loadKeyring([{ armored: gpg('--armor', '--export').toString() }]);

  for (const [digest, expected] of [
    ['SHA256', 'good'],
    ['SHA512', 'good'],
    ['SHA1', 'weak'],
    ['RIPEMD160', 'weak'],
  ] as const) {
    test(`a clearsigned file over ${digest} is read as ${expected}`, async () => {
      const [file, signed] = [join(home, 'text'), join(home, 'text.asc')];
      writeFileSync(file, content);

      gpg('--digest-algo', digest, '--output', signed, '--clearsign', file);

      const checked = await verifyClearsigned(readFileSync(signed), await exported(), soon());
      const verdicts = checked.signatures.map((one) => [one.status, one.digest]);
      assert.deepEqual(checked.content, content);
      assert.deepEqual(verdicts, [[expected, digest]]);
    });
  }

  for (const form of ['--armor', '--no-armor'] as const) {
    test(`a detached signature (${form}) is read`, async () => {
      const [file, signature] = [join(home, 'text'), join(home, 'text.sig')];
      writeFileSync(file, content);

      gpg(form, '--output', signature, '--detach-sign', file);

      const checked = await verifyDetached(content, readFileSync(signature), await exported(), soon());
      assert.deepEqual(statuses(checked), ['good']);
    });

    test(`an exported private key (${form}) signs`, async () => {
      const directory = temporaryDirectory();
      writeFileSync(join(directory, 'a.key'), gpg(form, '--export-secret-keys', 'gpg'), { mode: 0o600 });

      const signer = await loadSigner({ directory });

      const document = await signer.clearsign(content, soon());
      const checked = await verifyClearsigned(document, await exported(), soon());
      assert.deepEqual(statuses(checked.signatures), ['good']);
    });
  }

  test('an exported subkey signs without its primary', async () => {
    gpg('--passphrase', '', '--quick-gen-key', 'offline <s@x.org>', 'rsa2048', 'cert', 'never');
    const listing = gpg('--with-colons', '--list-keys', 'offline').toString();
    const [fingerprint = ''] = /[0-9A-F]{40}/.exec(listing) ?? [];
    gpg('--passphrase', '', '--quick-add-key', fingerprint, 'rsa2048', 'sign', 'never');
    const files = writtenFiles();
    writeFileSync(join(files.directory, 'a.asc'), gpg('--armor', '--export-secret-subkeys', 'offline'), {
      mode: 0o600,
    });

    const signer = await loadSigner({ directory: files.directory });

    writeFileSync(files.InRelease, await signer.clearsign(content, soon()));
    writeFileSync(files.keyring, signer.publicKey.binary);
    assert.equal(runVerifier('gpgv', files, 'InRelease').status, 0);
    assert.deepEqual(signer.primaryFingerprints, [fingerprint]);
    assert.notDeepEqual(signer.fingerprints, [fingerprint]);
  });

  test('a private key locked by gpg opens with its passphrase', async () => {
    const directory = temporaryDirectory();
    gpg('--passphrase', 'sesame', '--quick-gen-key', 'locked <l@x.org>', 'rsa2048', 'sign', 'never');
    const secret = gpg('--passphrase', 'sesame', '--armor', '--export-secret-keys', 'locked');
    writeFileSync(join(directory, 'a.asc'), secret, { mode: 0o600 });

    const signer = await loadSigner({ directory, passphrase: 'sesame' });

    assert.equal(signer.fingerprints.length, 1);
    await assert.rejects(loadSigner({ directory, passphrase: 'wrong' }), { code: 'E_KEY_PASSPHRASE' });
  });

  test('a key that does not list SHA512 signs with SHA256', async () => {
    const directory = temporaryDirectory();
    const preferences = ['--default-preference-list', 'SHA256 AES'];
    gpg('--passphrase', '', ...preferences, '--quick-gen-key', 'old <o@x.org>', 'rsa2048', 'sign', 'never');
    writeFileSync(join(directory, 'a.asc'), gpg('--armor', '--export-secret-keys', 'old'), { mode: 0o600 });
    const signer = await loadSigner({ directory });

    const document = await signer.clearsign(content, soon());

    assert.match(document.toString(), /^Hash: SHA256$/m);
  });
});

describe('gpg reads', { skip: absent('gpg') }, () => {
  test('the keys that we publish', async () => {
    const files = await signedFiles([await makeKey({ name: 'Espejo <e@x.org>' })]);

    const listing = run(
      'gpg',
      '--homedir',
      files.directory,
      '--with-colons',
      '--show-keys',
      files.armored,
    ).toString();

    assert.match(listing, /^uid:.*:Espejo <e@x\.org>:/m);
    assert.match(listing, /^pub:[^:]*:2048:1:/m);
  });
});

describe('keys/ubuntu-archive-keyring.gpg', { skip: absent('gpgv') || skipWithoutXenial }, () => {
  const keyring = resolve(import.meta.dirname, '../../keys/ubuntu-archive-keyring.gpg');

  test('finds the same good signatures as gpgv in every genuine InRelease', async () => {
    const ours = await loadKeyring([{ path: keyring }]);

    for (const path of inReleaseFiles()) {
      const { signatures } = await verifyClearsigned(readFileSync(path), ours, soon());
      const { stdout } = spawnSync('gpgv', ['--status-fd', '1', '--keyring', keyring, path], {
        encoding: 'latin1',
      });

      const good = signatures.filter(({ status }) => status === 'good').map(({ keyId }) => keyId);
      const theirs = [...stdout.matchAll(/GOODSIG ([0-9A-F]{16})/g)].map(([, id]) => id);
      assert.deepEqual(good, theirs);
      assert.deepEqual(good, ['3B4FE6ACC0B21F32']);
    }
  });
});

type SignedFiles = {
  readonly directory: string;
  readonly keyring: string;
  readonly armored: string;
  readonly Release: string;
  readonly InRelease: string;
  readonly 'Release.gpg': string;
};

function writtenFiles(): SignedFiles {
  const directory = temporaryDirectory();
  const path = (name: string) => join(directory, name);
  return {
    directory,
    keyring: path('keyring.gpg'),
    armored: path('published-key'),
    Release: path('Release'),
    InRelease: path('InRelease'),
    'Release.gpg': path('Release.gpg'),
  };
}

async function signedFiles(keys: readonly PrivateKey[], text: Buffer = content): Promise<SignedFiles> {
  const files = writtenFiles();
  keys.forEach((key, index) => {
    writeFileSync(join(files.directory, `${index}.asc`), key.armor(), { mode: 0o600 });
  });
  const key = keys.map((one) => one.getFingerprint()).join(',');
  const signer = await loadSigner({ directory: files.directory, key, now: later });
  writeFileSync(files.Release, text);
  writeFileSync(files.InRelease, await signer.clearsign(text, later));
  writeFileSync(files['Release.gpg'], await signer.detachSign(text, later));
  writeFileSync(files.keyring, signer.publicKey.binary);
  writeFileSync(files.armored, signer.publicKey.armored);
  return files;
}

type SignedFile = 'InRelease' | 'Release.gpg';

function verifies(program: string, files: SignedFiles, what: SignedFile): boolean {
  return runVerifier(program, files, what).status === 0;
}

function runVerifier(program: string, files: SignedFiles, what: SignedFile) {
  const signed = what === 'InRelease' ? [files.InRelease] : [files['Release.gpg'], files.Release];
  const cleartext = what === 'InRelease' ? ['--cleartext'] : [];
  const args =
    program === 'sqv'
      ? ['--keyring', files.keyring, ...cleartext, ...signed]
      : ['--status-fd', '1', '--keyring', files.keyring, ...signed];
  const { status, stdout } = spawnSync(program, args, { encoding: 'latin1' });
  return { status, text: stdout };
}

function run(program: string, ...args: readonly string[]): Buffer {
  const { status, stdout, stderr } = spawnSync(program, args);
  assert.equal(status, 0, `${program} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

function statuses(signatures: readonly { readonly status: string }[]): readonly string[] {
  return signatures.map(({ status }) => status);
}

function absent(program: string): string | false {
  return spawnSync(program, ['--version']).error === undefined ? false : `${program} is not installed`;
}
