import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { askPassphrase } from '../../../src/cli/ask-passphrase.ts';
import { progressReporter } from '../../../src/cli/progress.ts';
import { attended } from '../../../src/cli/session.ts';
import type { KeyFacts } from '../../../src/openpgp/contract.ts';

const key: KeyFacts = {
  fingerprint: 'F'.repeat(40),
  keyId: '0123456789ABCDEF',
  algorithm: 'rsa2048',
  createdAt: new Date('2024-05-06T07:08:09Z'),
  userIds: ['A <a@example.org>', 'B <b@example.org>'],
  subkeys: [],
  weakness: undefined,
};

/** A terminal that somebody types at. */
class Keyboard extends EventEmitter {
  readonly isTTY: boolean = true;
  readonly modes: boolean[] = [];
  setRawMode(mode: boolean): this {
    this.modes.push(mode);
    return this;
  }
  resume(): this {
    return this;
  }
  pause(): this {
    return this;
  }
  type(text: string): void {
    this.emit('data', Buffer.from(text));
  }
}

function asking(keyboard: Keyboard, attempt = 1, controller = new AbortController()) {
  const said: string[] = [];
  const input = keyboard as unknown as NonNullable<Parameters<typeof askPassphrase>[2]['input']>;
  const say = (line: string): void => void said.push(line);
  return { said, answer: askPassphrase(key, attempt, { say, signal: controller.signal, input }), controller };
}

test('what is typed up to the end of the line is the passphrase, and is not shown', async () => {
  const keyboard = new Keyboard();
  const { said, answer } = asking(keyboard);

  keyboard.type('sx');
  keyboard.type('\u007fecr\u00e9t\r');

  assert.equal(await answer, 'secr\u00e9t');
  assert.deepEqual(keyboard.modes, [true, false]);
  assert.deepEqual(said, [
    'openpgp: Passphrase is required to unlock private key "A <a@example.org>"',
    `${' '.repeat(44)}aka "B <b@example.org>"`,
    'openpgp: rsa2048 key, ID 0123456789ABCDEF, created 2024-05-06',
    'Enter passphrase:',
  ]);
  assert.equal(keyboard.listenerCount('data'), 0);
});

test('the second time it is told that the passphrase was wrong', async () => {
  const keyboard = new Keyboard();
  const { said, answer } = asking(keyboard, 2);

  keyboard.type('\n');

  assert.equal(await answer, '');
  assert.deepEqual(said, ['Wrong passphrase, please try again.', 'Enter passphrase:']);
});

test('Ctrl-C and the signal stop it and leave the terminal as it was', async () => {
  const [one, other] = [new Keyboard(), new Keyboard()];
  const interrupted = asking(one);
  const aborted = asking(other);

  one.type('abc\u0003');
  aborted.controller.abort();

  await assert.rejects(interrupted.answer, { code: 'E_ABORTED' });
  await assert.rejects(aborted.answer, { code: 'E_ABORTED' });
  assert.deepEqual([one.modes.at(-1), other.modes.at(-1)], [false, false]);
});

test('without a terminal nobody is asked', async () => {
  const keyboard = Object.assign(new Keyboard(), { isTTY: false });

  await assert.rejects(asking(keyboard).answer, {
    code: 'E_KEY_PASSPHRASE',
    message: 'key is locked with passphrase, but no passphrase was given in batch mode',
  });
});

test('the question is shown although all is quiet', async (t) => {
  const keyboard = new Keyboard();
  const input = Object.getOwnPropertyDescriptor(process, 'stdin') ?? assert.fail();
  Object.defineProperty(process, 'stdin', { value: keyboard, configurable: true });
  t.after(() => Object.defineProperty(process, 'stdin', input));
  const written: string[] = [];
  const terminal = new Writable({
    write: (chunk, _encoding, done) => {
      written.push(String(chunk));
      done();
    },
  });
  const { log } = progressReporter(terminal, { json: false, quiet: true });
  const invocation = { ofAptly: true, log, signal: new AbortController().signal };

  const answer = attended({}, invocation).askPassphrase?.(key, 1);
  await once(keyboard, 'newListener');
  setImmediate(() => keyboard.type('secret\r'));

  assert.equal(await answer, 'secret');
  assert.match(written.join(''), /Passphrase is required[\s\S]*Enter passphrase:\n$/);
});
