import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { assertSigned } from '../../src/mirror/trust.ts';
import { allowedByGpgv } from '../../src/openpgp/doubts.ts';
import { loadKeyring } from '../../src/openpgp/keyring.ts';
import { verifyClearsigned, verifyDetached } from '../../src/openpgp/verify.ts';
import { gnupgHome, gpgvVerdict } from '../support/gnupg.ts';
import { makeKey } from '../support/openpgp-keys.ts';
import { skipWithout } from '../support/programs.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const dayMs = 86_400_000;
/** A little ahead: keys that are made during these tests must not be younger than the present. */
const soon = (): Date => new Date(Date.now() + 120_000);
const text = 'Origin: Test\nSuite: stable\n';

type Plan = {
  readonly algorithm: string;
  readonly makeArgs?: readonly string[];
  readonly signArgs?: readonly string[];
  /** For keys that are to be old: days since they were made and since they signed, and how long they are good. */
  readonly madeDaysAgo?: number;
  readonly signedDaysAgo?: number;
  readonly expires?: string;
  readonly revoked?: boolean;
};

const sha1 = ['--digest-algo', 'SHA1'];
const old = { algorithm: 'rsa2048', madeDaysAgo: 40, signedDaysAgo: 20 };

/** Whether gpgv 1.4 and 2.2 take what a key signs; ours with what gpgv is allowed. */
const plans: Readonly<Record<string, Plan>> = {
  'RSA-1024': { algorithm: 'rsa1024' },
  'RSA-1024 over SHA-1': { algorithm: 'rsa1024', signArgs: sha1 },
  'DSA-1024': { algorithm: 'dsa1024' },
  'DSA-1024 over SHA-1': { algorithm: 'dsa1024', signArgs: sha1 },
  'RSA-2048 over SHA-1': { algorithm: 'rsa2048', signArgs: sha1 },
  'RSA-2048 over RIPEMD-160': { algorithm: 'rsa2048', signArgs: ['--digest-algo', 'RIPEMD160'] },
  'RSA-2048 over SHA-224': { algorithm: 'rsa2048', signArgs: ['--digest-algo', 'SHA224'] },
  'RSA-2048 over MD5': {
    algorithm: 'rsa2048',
    signArgs: ['--digest-algo', 'MD5', '--allow-weak-digest-algos'],
  },
  'a self-signature over SHA-1': { algorithm: 'rsa2048', makeArgs: ['--cert-digest-algo', 'SHA1'] },
  'a self-signature over RIPEMD-160': {
    algorithm: 'rsa2048',
    makeArgs: ['--cert-digest-algo', 'RIPEMD160'],
  },
  'a self-signature over MD5': {
    algorithm: 'rsa2048',
    makeArgs: ['--cert-digest-algo', 'MD5', '--allow-weak-digest-algos'],
    signArgs: ['--allow-weak-digest-algos'],
  },
  'a key that expired since': { ...old, expires: '30d' },
  'a weak key that expired since': { ...old, algorithm: 'dsa1024', signArgs: sha1, expires: '30d' },
  'a signature that has expired': { ...old, signArgs: ['--default-sig-expire', '5d'] },
};

for (const verifier of ['gpgv', 'gpgv1']) {
  describe(`${verifier} and mirrors made by hand agree on`, {
    skip: skipWithout('gpg', '--version') || skipWithout(verifier, '--version'),
  }, () => {
    for (const [name, plan] of Object.entries(plans)) {
      test(name, async () => {
        const { document, keyring } = signedWith(plan);

        const theirs = spawnSync(verifier, ['--homedir', '/nonexistent', '--keyring', keyring, document]);

        assert.equal(await isBelieved(document, keyring), theirs.status === 0, String(theirs.stderr));
      });
    }
  });
}

describe('signatures of version 3, as GnuPG made them until 2009', {
  skip: skipWithout('gpg1', '--version') || skipWithout('gpgv', '--version'),
}, () => {
  for (const [digest, rsaBits, status] of [
    ['SHA256', 2048, 'good'],
    ['SHA1', 1024, 'weak'],
  ] as const) {
    test(`over ${digest} by RSA-${rsaBits} are ${status}, clearsigned and detached, and bad over another text`, async () => {
      const key = await makeKey({ rsaBits });
      const { env } = gnupgHome('gpg1', [key]);
      const sign = (form: string): Buffer => {
        const words = ['--batch', '--force-v3-sigs', '--digest-algo', digest, form];
        const { status, stdout, stderr } = spawnSync('gpg1', words, { env, input: text });
        assert.equal(status, 0, String(stderr));
        return stdout;
      };
      const [clearsigned, detached] = [sign('--clearsign'), sign('--detach-sign')];
      const content = Buffer.from(text);
      const keyring = await loadKeyring([{ armored: key.toPublic().armor() }]);

      const inline = await verifyClearsigned(clearsigned, keyring, soon());
      const apart = await verifyDetached(content, detached, keyring, soon());
      const other = await verifyDetached(Buffer.from('other\n'), detached, keyring, soon());

      assert.equal(apart[0]?.fingerprint, key.getFingerprint().toUpperCase());
      assert.deepEqual(
        [...inline.signatures, ...apart, ...other].map((one) => [one.status, one.digest]),
        [
          [status, digest],
          [status, digest],
          ['bad', digest],
        ],
      );
      const files = { content, clearsigned, detached, keyring: key.toPublic().write() };
      assert.equal(gpgvVerdict('gpgv', files).good, true);
    });
  }

  test('are unsupported when they are cut', async () => {
    const body = Buffer.from([3, 5, 0, 1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7, 8, 1, 8, 0, 0, 0, 40, 1]);
    const packet = Buffer.concat([Buffer.from([0xc2, body.length]), body]);
    const keyring = await loadKeyring([{ armored: (await makeKey()).toPublic().armor() }]);

    const [checked] = await verifyDetached(Buffer.from(text), packet, keyring, soon());

    assert.equal(checked?.status, 'unsupported');
  });
});

test('a revoked key is refused, where gpgv takes it', {
  skip: skipWithout('gpg', '--version') || skipWithout('gpgv', '--version'),
}, async () => {
  const { document, keyring } = signedWith({ algorithm: 'rsa2048', revoked: true });

  const theirs = spawnSync('gpgv', ['--homedir', '/nonexistent', '--keyring', keyring, document]);

  assert.deepEqual([await isBelieved(document, keyring), theirs.status], [false, 0]);
});

async function isBelieved(document: string, keyring: string): Promise<boolean> {
  const keys = await loadKeyring([{ path: keyring }]);
  const { signatures } = await verifyClearsigned(readFileSync(document), keys, soon());
  try {
    const warnings = assertSigned('InRelease', signatures, allowedByGpgv);
    assert.equal(warnings.length === 0, signatures[0]?.status === 'good');
    return true;
  } catch {
    return false;
  }
}

function signedWith(plan: Plan): { readonly document: string; readonly keyring: string } {
  const { algorithm, makeArgs = [], signArgs = [], madeDaysAgo, signedDaysAgo, expires = 'never' } = plan;
  const home = temporaryDirectory('weak');
  const directory = join(home, '.gnupg');
  mkdirSync(directory, { mode: 0o700 });
  after(() => void spawnSync('gpgconf', ['--homedir', directory, '--kill', 'all']));
  const gpg = (args: readonly string[], input?: string): Buffer => {
    const quiet = ['--homedir', directory, '--batch', '--yes', '--pinentry-mode', 'loopback'];
    const end = spawnSync('gpg', [...quiet, '--passphrase', '', ...args], { input });
    assert.equal(end.status, 0, String(end.stderr));
    return end.stdout;
  };
  gpg([...atDaysAgo(madeDaysAgo), ...makeArgs, '--quick-gen-key', 'T <t@x.org>', algorithm, 'sign', expires]);
  const signed = gpg([...atDaysAgo(signedDaysAgo), ...signArgs, '--clearsign'], text);
  if (plan.revoked === true) gpg(['--import'], revocationIn(directory));
  const [document, keyring] = [join(home, 'InRelease'), join(home, 'keys.gpg')];
  writeFileSync(document, signed);
  writeFileSync(keyring, gpg(['--export']));
  return { document, keyring };
}

function atDaysAgo(days: number | undefined): readonly string[] {
  if (days === undefined) return [];
  const stamp = new Date(Date.now() - days * dayMs).toISOString().replace(/[-:]|\.\d+Z$/g, '');
  return ['--faked-system-time', `${stamp}!`];
}

/** The certificate that gpg makes with each key, with its guard taken out. */
function revocationIn(directory: string): string {
  const [name = ''] = readdirSync(join(directory, 'openpgp-revocs.d'));
  return readFileSync(join(directory, 'openpgp-revocs.d', name), 'utf8').replace(':-----', '-----');
}
