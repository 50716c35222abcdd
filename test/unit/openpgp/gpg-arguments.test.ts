import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GpgProgram } from '../../../src/openpgp/find-gpg.ts';
import { type GpgSettings, signArguments } from '../../../src/openpgp/gpg-arguments.ts';

const gpg1: GpgProgram = { name: 'gpg1', major: 1, hasLoopback: false };
const gpg20: GpgProgram = { name: 'gpg2', major: 2, hasLoopback: false };
const gpg2: GpgProgram = { name: 'gpg', major: 2, hasLoopback: true };
const none: GpgSettings = {
  keys: [],
  keyrings: [],
  secretKeyring: '',
  passphrase: '',
  passphraseFile: '',
  batch: false,
  epoch: undefined,
};
const all: GpgSettings = {
  keys: ['K1', 'K2'],
  keyrings: ['pub.gpg'],
  secretKeyring: 'sec.gpg',
  passphrase: 'secret',
  passphraseFile: 'file',
  batch: true,
  epoch: '1700000000',
};
const detached = { source: '/t/Release', target: '/t/Release.gpg', form: 'detached' } as const;
const clearsigned = { source: '/t/Release', target: '/t/InRelease', form: 'clearsigned' } as const;

function words(...given: Parameters<typeof signArguments>): string {
  return signArguments(...given).join(' ');
}

test('the least that gpg needs', () => {
  assert.equal(
    words(gpg2, none, detached),
    '-o /t/Release.gpg --digest-algo SHA256 --armor --yes --detach-sign /t/Release',
  );
  assert.equal(
    words(gpg1, none, clearsigned),
    '-o /t/InRelease --digest-algo SHA256 --yes --clearsign /t/Release',
  );
});

test('everything, for each family of gpg; no passphrase among the arguments', () => {
  const start = '-o /t/Release.gpg --digest-algo SHA256 --armor --yes';
  const ring = '--no-auto-check-trustdb --no-default-keyring --keyring pub.gpg';
  const pass = '--passphrase-fd 3 --passphrase-file file --no-tty --batch';
  const end = '--detach-sign /t/Release';

  assert.equal(
    words(gpg1, all, detached),
    `${start} ${ring} --secret-keyring sec.gpg -u K1 -u K2 --no-use-agent ${pass} ${end}`,
  );
  assert.equal(
    words(gpg20, all, detached),
    `${start} ${ring} -u K1 -u K2 ${pass} --faked-system-time 1700000000 ${end}`,
  );
  assert.equal(
    words(gpg2, all, detached),
    `${start} ${ring} -u K1 -u K2 ${pass} --pinentry-mode loopback --faked-system-time 1700000000 ${end}`,
  );
});

test('a passphrase is used without batch too; several keyrings are several', () => {
  assert.equal(
    words(gpg2, { ...none, keyrings: ['a', 'b'], passphraseFile: 'f' }, clearsigned),
    '-o /t/InRelease --digest-algo SHA256 --yes --no-auto-check-trustdb --no-default-keyring --keyring a --keyring b ' +
      '--passphrase-file f --pinentry-mode loopback --clearsign /t/Release',
  );
});
