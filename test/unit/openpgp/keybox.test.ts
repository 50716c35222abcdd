import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isKeybox, readKeybox } from '../../../src/openpgp/keybox.ts';
import { loadKeyring } from '../../../src/openpgp/keyring.ts';
import { makeKey, temporaryDirectory } from '../../support/openpgp-keys.ts';
import { skipWithout } from '../../support/programs.ts';

const header = blob(1, Buffer.concat([Buffer.from('KBXf'), Buffer.alloc(20)]));

/** A blob with its length and its type. */
function blob(type: number, rest: Buffer): Buffer {
  const start = Buffer.alloc(8);
  start.writeUInt32BE(8 + rest.length);
  start[4] = type;
  return Buffer.concat([start, rest]);
}

/** A blob with a key block at `offset`; `length` is what it says. */
function keyBlob(block: Buffer, length = block.length): Buffer {
  const place = Buffer.alloc(12);
  place.writeUInt32BE(20);
  place.writeUInt32BE(length, 4);
  return blob(2, Buffer.concat([place, block]));
}

describe('readKeybox', () => {
  test('gives the key blocks in order, without certificates and deleted blobs', () => {
    const certificate = blob(3, Buffer.alloc(40));
    const deleted = blob(0, Buffer.alloc(3));
    const box = Buffer.concat([
      header,
      keyBlob(Buffer.from('one')),
      deleted,
      certificate,
      keyBlob(Buffer.from('two')),
    ]);

    const packets = readKeybox(box, 'ring.kbx');

    assert.ok(isKeybox(box));
    assert.equal(packets.toString(), 'onetwo');
  });

  const damages: readonly (readonly [string, Buffer])[] = [
    ['a blob longer than the file', Buffer.concat([header, keyBlob(Buffer.from('key')).subarray(0, -1)])],
    ['a blob of no length', Buffer.concat([header, Buffer.alloc(16)])],
    ['the beginning of a blob', Buffer.concat([header, Buffer.from([0, 0])])],
    ['a key block longer than its blob', Buffer.concat([header, keyBlob(Buffer.from('key'), 4)])],
    ['a key block of enormous length', Buffer.concat([header, keyBlob(Buffer.from('key'), 0xffffffff)])],
    ['a key blob without a place for the key', Buffer.concat([header, blob(2, Buffer.alloc(4))])],
  ];
  for (const [what, box] of damages) {
    test(`refuses ${what}`, () => {
      assert.throws(() => readKeybox(box, 'ring.kbx'), {
        code: 'E_KEYRING_INVALID',
        message: `ring.kbx: the keybox is damaged at byte ${header.length}`,
      });
    });
  }
});

describe('a keybox that gpg wrote', { skip: skipWithout('gpg', '--version') }, () => {
  test('holds the same keys as the keyring it was made of', async () => {
    const directory = temporaryDirectory();
    const home = join(directory, 'home');
    mkdirSync(home, { mode: 0o700 });
    const keys = await Promise.all([
      makeKey({ name: 'one <one@example.org>' }),
      makeKey({ name: 'two <two@example.org>' }),
    ]);
    for (const [position, key] of keys.entries()) {
      const file = join(directory, `${position}.asc`);
      writeFileSync(file, key.toPublic().armor());
      execFileSync(
        'gpg',
        [
          '--homedir',
          home,
          '--batch',
          '--quiet',
          '--no-default-keyring',
          '--keyring',
          'trustedkeys.kbx',
          '--import',
          file,
        ],
        { stdio: 'pipe' },
      );
    }

    const keyring = await loadKeyring([{ path: join(home, 'trustedkeys.kbx') }]);

    assert.deepEqual(
      keyring.keys.map(({ fingerprint }) => fingerprint).sort(),
      keys.map((key) => key.getFingerprint().toUpperCase()).sort(),
    );
  });
});
