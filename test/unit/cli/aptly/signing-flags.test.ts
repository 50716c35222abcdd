import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signingOptions } from '../../../../src/cli/aptly/signing-flags.ts';
import type { FlagValues, Invocation } from '../../../../src/cli/command.ts';

function optionsOf(flags: FlagValues, said: string[] = []) {
  const invocation = { flags, say: (line: string) => said.push(line), signal: new AbortController().signal };
  return signingOptions(invocation as unknown as Invocation);
}

test('flags that are absent say nothing', () => {
  const { say, ask, ...options } = optionsOf(new Map());

  assert.deepEqual(options, {
    skip: undefined,
    provider: '',
    keys: [],
    keyrings: [],
    secretKeyring: '',
    passphrase: '',
    passphraseFile: '',
    batch: false,
  });
  assert.ok(say !== undefined && ask !== undefined);
});

test('every flag arrives, also false ones; what gpg says goes to the person', () => {
  const said: string[] = [];
  const { say, ask, ...options } = optionsOf(
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
    said,
  );
  say?.('gpg: one\ngpg: two\n');

  assert.ok(ask);
  assert.deepEqual(said, ['gpg: one\ngpg: two']);
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
