import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signingOptions } from '../../../../src/cli/aptly/signing-flags.ts';
import type { FlagValues } from '../../../../src/cli/command.ts';

function optionsOf(flags: FlagValues) {
  return signingOptions({ flags });
}

test('flags that are absent say nothing', () => {
  assert.deepEqual(optionsOf(new Map()), {
    skip: undefined,
    provider: '',
    keys: [],
    keyrings: [],
    secretKeyring: '',
    passphrase: '',
    passphraseFile: '',
    batch: false,
  });
});

test('every flag arrives, also false ones', () => {
  const options = optionsOf(
    new Map<string, string | boolean | readonly string[]>([
      ['skip-signing', false],
      ['gpg-provider', 'gpg2'],
      ['gpg-key', ['A', 'B']],
      ['keyring', ['k']],
      ['secret-keyring', 's'],
      ['passphrase', 'p'],
      ['passphrase-file', 'f'],
      ['batch', true],
    ]),
  );

  assert.deepEqual(options, {
    skip: false,
    provider: 'gpg2',
    keys: ['A', 'B'],
    keyrings: ['k'],
    secretKeyring: 's',
    passphrase: 'p',
    passphraseFile: 'f',
    batch: true,
  });
});
