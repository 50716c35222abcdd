import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { encryptKey, type PrivateKey } from 'openpgp';
import { parseConfig } from '../../src/config/parse-config.ts';
import { isEspejoError } from '../../src/core/errors.ts';
import { type SigningOptions, signerForPublish } from '../../src/keys/signing.ts';
import type { Signer } from '../../src/openpgp/contract.ts';
import { loadKeyring } from '../../src/openpgp/keyring.ts';
import { verifyClearsigned, verifyDetached } from '../../src/openpgp/verify.ts';
import type { Job } from '../../src/packages/events.ts';
import { quietSigning as quiet } from '../builders/quiet-signing.ts';
import { aptlyProgram, skipWithoutAptly } from '../support/aptly.ts';
import { type GnupgHome, gnupgHome, gpgvVerdict } from '../support/gnupg.ts';
import { silentJob } from '../support/open-test-app.ts';
import { makeKey } from '../support/openpgp-keys.ts';
import { skipWithout } from '../support/programs.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const content = Buffer.from('Origin: Espejo\nDescription: caf\u00e9\n -dash\n-----\n');
const passphrase = 'a secret with blanks';
async function signerIn(
  { env }: Pick<GnupgHome, 'env'>,
  options: Partial<SigningOptions>,
  job: Partial<Job> = {},
): Promise<Signer> {
  const root = temporaryDirectory('root');
  const config = parseConfig(JSON.stringify({ rootDir: root }), { path: join(root, 'aptly.conf'), env });
  const signer = await signerForPublish(
    { config, env },
    { ...quiet, ...options },
    { ...silentJob(), ...job },
  );
  assert.ok(signer);
  return signer;
}

async function signedBy(signer: Signer) {
  const at = new Date();
  const [clearsigned, detached] = await Promise.all([
    signer.clearsign(content, at),
    signer.detachSign(content, at),
  ]);
  return { content, clearsigned, detached, keyring: signer.publicKey.binary };
}

/** Both families, each with the verifier that belongs to it. */
for (const { provider, program, verifier } of [
  { provider: 'gpg2', program: 'gpg', verifier: 'gpgv' },
  { provider: 'gpg1', program: 'gpg1', verifier: 'gpgv1' },
] as const) {
  describe(`signing with ${provider}`, {
    skip: skipWithout(program, '--version') || skipWithout(verifier, '--version'),
  }, () => {
    let plain: PrivateKey;
    let second: PrivateKey;
    let locked: PrivateKey;
    let home: GnupgHome;
    before(async () => {
      plain = await makeKey({ name: 'Plain <plain@example.org>' });
      second = await makeKey({ name: 'Second <second@example.org>', subkeys: [{ sign: true }] });
      locked = await encryptKey({
        privateKey: await makeKey({ name: 'Locked <locked@example.org>' }),
        passphrase,
      });
      home = gnupgHome(program, [plain, second, locked]);
    });

    test('the first key signs by default; gpgv and we accept it', async () => {
      const signer = await signerIn(home, { provider });

      const signed = await signedBy(signer);

      assert.deepEqual(signer.fingerprints, [plain.getFingerprint().toUpperCase()]);
      const verdict = gpgvVerdict(verifier, signed);
      assert.ok(verdict.good, verdict.text);
      const keyring = await loadKeyring([signer.publicKey]);
      const now = new Date(Date.now() + 60_000);
      const document = await verifyClearsigned(signed.clearsigned, keyring, now);
      const detached = await verifyDetached(content, signed.detached, keyring, now);
      assert.deepEqual(document.content, content);
      assert.deepEqual(
        [...document.signatures, ...detached].map(({ status, digest }) => [status, digest]),
        [
          ['good', 'SHA256'],
          ['good', 'SHA256'],
        ],
      );
    });

    test('several keys make several signatures, by subkeys where there are', async () => {
      const signer = await signerIn(home, {
        provider,
        keys: [' plain@example.org ', second.getKeyID().toHex()],
      });

      const signed = await signedBy(signer);

      const keyring = await loadKeyring([signer.publicKey]);
      const { signatures } = await verifyClearsigned(
        signed.clearsigned,
        keyring,
        new Date(Date.now() + 60_000),
      );
      const subkey = second.subkeys[0]?.getFingerprint().toUpperCase();
      assert.deepEqual(
        signatures.map(({ status, fingerprint }) => [status, fingerprint]).sort(),
        signer.fingerprints.map((fingerprint) => ['good', fingerprint]).sort(),
      );
      assert.equal(signer.fingerprints[1], subkey);
      assert.equal(gpgvVerdict(verifier, signed).good, true);
    });

    for (const way of ['passphrase', 'passphraseFile'] as const) {
      test(`a locked key is unlocked by ${way}`, async () => {
        const file = join(home.directory, 'passphrase');
        writeFileSync(file, `${passphrase}\n`);
        const given = way === 'passphrase' ? { passphrase } : { passphraseFile: file };
        const signer = await signerIn(home, { provider, keys: ['locked@'], ...given });

        const verdict = gpgvVerdict(verifier, await signedBy(signer));

        assert.ok(verdict.good, verdict.text);
      });
    }

    test('a wrong passphrase and none are one line each, and leave nothing', async () => {
      const fresh = gnupgHome(program, [locked]);
      const before = leftovers();
      for (const given of [{ passphrase: 'wrong' }, {}]) {
        const signer = await signerIn(fresh, { provider, ...given });

        await assert.rejects(signer.clearsign(content, new Date()), {
          code: 'E_KEY_INVALID',
          message: /^gpg1? cannot sign: [^\n]+$/,
        });
      }
      assert.deepEqual(leftovers(), before);
    });

    test('no key, and none that fits, are told before anything is signed', async () => {
      await assert.rejects(signerIn(gnupgHome(program, []), { provider }), {
        code: 'E_KEY_NOT_FOUND',
        message:
          'looks like there are no keys in gpg, please create one (official manual: http://www.gnupg.org/gph/en/manual.html)',
      });
      await assert.rejects(signerIn(home, { provider, keys: ['nobody@example.org'] }), {
        code: 'E_KEY_NOT_FOUND',
        message: `${program} has no secret key that fits "nobody@example.org"`,
      });
    });

    test('a keyring can be named', async () => {
      const other = gnupgHome(program, []);
      const keyrings = [join(home.directory, program === 'gpg1' ? 'pubring.gpg' : 'pubring.kbx')];
      const secretKeyring = join(home.directory, 'secring.gpg');
      const options = program === 'gpg1' ? { keyrings, secretKeyring } : { keyrings };
      const env = program === 'gpg1' ? other : home;

      const signer = await signerIn(env, { provider, ...options, keys: ['second@'] });

      assert.equal(gpgvVerdict(verifier, await signedBy(signer)).good, true);
    });
  });
}

describe('gpg 1 beside gpg 2', {
  skip: skipWithout('gpg', '--version') || skipWithout('gpg1', '--version'),
}, () => {
  test('the one that has the key signs, whichever it is', async () => {
    const [first, second] = [await makeKey({ name: 'One' }), await makeKey({ name: 'Two' })];
    const home = gnupgHome('gpg1', [first]);
    importInto(home, 'gpg', second);

    const byDefault = await signerIn(home, { provider: 'gpg' });
    const named = await signerIn(home, { provider: 'gpg', keys: ['Two'] });

    assert.deepEqual(byDefault.fingerprints, [first.getFingerprint().toUpperCase()]);
    assert.deepEqual(named.fingerprints, [second.getFingerprint().toUpperCase()]);
    assert.equal(gpgvVerdict('gpgv', await signedBy(named)).good, true);
  });

  test('gpg 2 is asked when gpg 1 has no keys at all', async () => {
    const key = await makeKey();
    const home = gnupgHome('gpg', [key]);

    const signer = await signerIn(home, { provider: 'gpg' });

    assert.deepEqual(signer.fingerprints, [key.getFingerprint().toUpperCase()]);
  });

  test('a key that neither has is told with the programs that were asked and the way to choose one', async () => {
    const home = gnupgHome('gpg', [await makeKey()]);

    await assert.rejects(signerIn(home, { provider: 'gpg', keys: ['nobody@'] }), (error) => {
      assert.ok(isEspejoError(error, 'E_KEY_NOT_FOUND'));
      assert.match(error.message, /^neither gpg1 nor gpg has a secret key that fits "nobody@"$/);
      assert.match(error.hint ?? '', /^asked: gpg1 \(GnuPG 1\) and gpg \(GnuPG 2\); -gpg-provider /);
      return true;
    });
  });

  test('of a secret keyring that is named only gpg 1 is asked', async () => {
    const key = await makeKey();
    const home = gnupgHome('gpg', [key]);
    const secretKeyring = join(home.directory, 'secring.gpg');

    await assert.rejects(signerIn(home, { provider: 'gpg', secretKeyring }), (error) => {
      assert.ok(isEspejoError(error, 'E_KEY_NOT_FOUND'));
      assert.match(error.hint ?? '', /^asked: gpg1 \(GnuPG 1\); /);
      return true;
    });
  });
});

describe('gpg 2', { skip: skipWithout('gpg', '--version') }, () => {
  test('signs at the time of SOURCE_DATE_EPOCH', async () => {
    const home = gnupgHome('gpg', [await makeKey()]);
    const env = { ...home.env, SOURCE_DATE_EPOCH: '1717243200' };

    const signer = await signerIn({ env }, { provider: 'gpg2' });
    const document = await signer.clearsign(content, new Date());

    const { signatures } = await verifyClearsigned(
      document,
      await loadKeyring([signer.publicKey]),
      new Date(),
    );
    assert.deepEqual(
      signatures.map(({ status }) => status),
      ['good'],
    );
    // gpg's clock starts then and goes on.
    const late = (signatures[0]?.createdAt?.getTime() ?? 0) - 1_717_243_200_000;
    assert.ok(late >= 0 && late < 600_000, `${late} ms`);
  });

  test('a key that newer clients refuse is used with a warning that names it', async () => {
    const key = await makeKey({ rsaBits: 1024 });
    const home = gnupgHome('gpg', [key]);

    const signer = await signerIn(home, { provider: 'gpg2' });

    const fingerprint = key.getFingerprint().toUpperCase();
    assert.equal(signer.warnings.length, 1);
    assert.match(signer.warnings[0] ?? '', new RegExp(`${fingerprint} \\(rsa1024\\) is weak: .*apt 3\\.0`));
    assert.equal(gpgvVerdict('gpgv', await signedBy(signer)).good, true);
  });

  test('what it says is passed on', async () => {
    const home = gnupgHome('gpg', [await makeKey()]);
    const said: string[] = [];

    const report: Job['report'] = (event) => event.type === 'note' && said.push(event.message);

    const signer = await signerIn(home, { provider: 'gpg2', keys: ['test@'] }, { report });
    await signer.detachSign(content, new Date());

    assert.match(said.join(''), /using ".*" as default secret key for signing|^$/);
  });
});

test('a gpg that hangs is ended by the signal, and no passphrase is among its arguments', async () => {
  const directory = temporaryDirectory('slow-gpg');
  const log = join(directory, 'arguments');
  const program = join(directory, 'gpg');
  const key = await makeKey();
  writeFileSync(join(directory, 'key.gpg'), key.toPublic().write());
  writeFileSync(
    program,
    [
      '#!/bin/sh',
      `echo "$@" >> ${log}`,
      'case "$*" in',
      '*--version*) echo "gpg (GnuPG) 2.2.40";;',
      `*--list-secret-keys*) echo fpr:::::::::${key.getFingerprint().toUpperCase()}:;;`,
      '*--list-keys*) echo pub;;',
      `*--export*) cat ${directory}/key.gpg;;`,
      `*) read secret <&3; echo "$secret" > ${directory}/secret; exec sleep 60;;`,
      'esac',
    ].join('\n'),
  );
  chmodSync(program, 0o755);
  const controller = new AbortController();
  const env = { PATH: `${directory}:${process.env['PATH'] ?? ''}`, HOME: directory };
  const before = leftovers();
  const signer = await signerIn({ env }, { provider: 'gpg2', passphrase }, { signal: controller.signal });

  const signing = signer.clearsign(content, new Date());
  while (!existsSync(join(directory, 'secret'))) await setImmediate();
  controller.abort();

  await assert.rejects(signing, { code: 'E_ABORTED' });
  assert.doesNotMatch(readFileSync(log, 'utf8'), /secret with blanks/);
  assert.deepEqual(leftovers(), before);
});

function importInto({ env }: GnupgHome, program: string, key: PrivateKey): void {
  const { status, stderr } = spawnSync(program, ['--batch', '--import'], { env, input: key.armor() });
  assert.equal(status, 0, String(stderr));
}

function leftovers(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('espejo-sign-'));
}

describe('the real aptly', { skip: skipWithoutAptly }, () => {
  /** A gpg of a version that notes the words of each signature and makes an empty one. */
  function notingGpg(version: string): {
    readonly env: GnupgHome['env'];
    readonly noted: () => readonly string[];
  } {
    const directory = temporaryDirectory('noting-gpg');
    const log = join(directory, 'log');
    const program = [
      '#!/bin/sh',
      'case "$*" in',
      `*--version*) echo "gpg (GnuPG) ${version}";;`,
      `*--list-secret-keys*) echo fpr:::::::::${'A'.repeat(40)}:;;`,
      '*--list-keys*) echo pub;;',
      '*--export*) ;;',
      `*) echo "$*" >> ${log}; : > "$2";;`,
      'esac',
    ];
    writeFileSync(join(directory, 'gpg'), program.join('\n'));
    writeFileSync(join(directory, 'gpg1'), '#!/bin/sh\nexit 2\n');
    for (const name of ['gpg', 'gpg1']) chmodSync(join(directory, name), 0o755);
    const env = { PATH: `${directory}:/usr/bin:/bin`, HOME: directory };
    const plain = (word: string): string => word.replace(/^\/.*\//, '').replace('.tmp', '');
    return {
      env,
      noted: () =>
        readFileSync(log, 'utf8')
          .trim()
          .split('\n')
          .map((line) => line.split(' ').map(plain).join(' '))
          .sort(),
    };
  }

  for (const version of ['1.4.23', '2.2.40']) {
    test(`gives gpg ${version} the same words`, async () => {
      const [theirs, ours] = [notingGpg(version), notingGpg(version)];
      const root = temporaryDirectory('real');
      const config = join(root, 'aptly.conf');
      writeFileSync(config, JSON.stringify({ rootDir: root }));
      const flags = '-batch -gpg-key=K1 -keyring=k.gpg -secret-keyring=s.gpg -passphrase-file=f';
      const run = (...words: readonly string[]) =>
        spawnSync(aptlyProgram ?? 'aptly', [`-config=${config}`, ...words], {
          env: theirs.env,
          encoding: 'utf8',
        });
      run('repo', 'create', 'r');
      const { status, stderr } = run(
        ...['publish', 'repo', '-distribution=d', '-architectures=amd64', ...flags.split(' '), 'r'],
      );
      assert.equal(status, 0, stderr);

      const signer = await signerIn(ours, {
        keys: ['K1'],
        keyrings: ['k.gpg'],
        secretKeyring: 's.gpg',
        passphraseFile: 'f',
      });
      await signer.clearsign(content, new Date());
      await signer.detachSign(content, new Date());

      assert.deepEqual(ours.noted(), theirs.noted());
    });
  }
});
