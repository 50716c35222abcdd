import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { canonicalText, joinClearsigned, splitClearsigned } from '../../../src/openpgp/clearsigned.ts';

const armored = '-----BEGIN PGP SIGNATURE-----\n\niQ==\n=abcd\n-----END PGP SIGNATURE-----\n';
const document = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nOrigin: x\n${armored}`;

describe('splitClearsigned gives the signed text', () => {
  const texts: readonly (readonly [string, string, string])[] = [
    ['plain', 'a\nb\n', 'a\nb\n'],
    ['empty', '', ''],
    ['with empty lines at its end', 'a\n\n\n', 'a\n\n\n'],
    ['with dash escapes', '- -----BEGIN X\n- - y\n- \n', '-----BEGIN X\n- y\n\n'],
    ['without the blanks at line ends, which nobody signs', 'a \t\n b\r\n', 'a\n b\n'],
    ['with other bytes as they are', 'caf\u00c3\u00a9 \u00ff\n', 'caf\u00c3\u00a9 \u00ff\n'],
  ];
  for (const [name, escaped, expected] of texts) {
    test(name, () => {
      const { content } = splitClearsigned(bytes(document.replace('Origin: x\n', escaped)));

      assert.equal(content.toString('latin1'), expected);
    });
  }

  test('whatever text was joined', () => {
    const line = fc.string({ unit: fc.constantFrom('-', ' ', 'a', '\u00e9') }).map((one) => one.trimEnd());
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const content = Buffer.from(lines.map((one) => `${one}\n`).join(''));

        const split = splitClearsigned(joinClearsigned(content, ['SHA512'], armored));

        assert.deepEqual(split.content, content);
      }),
    );
  });

  test('of a megabyte within a second', () => {
    const content = Buffer.from(` ${'0123456789'.repeat(10)} main/binary-amd64/Packages\n`.repeat(8000));
    const started = performance.now();

    const split = splitClearsigned(joinClearsigned(content, ['SHA512'], armored));
    canonicalText(split.content);

    assert.ok(split.content.equals(content));
    assert.ok(performance.now() - started < 1000);
  });
});

describe('splitClearsigned refuses', () => {
  const malformed: readonly (readonly [string, string])[] = [
    ['text before', `hello\n${document}`],
    ['an empty line before', `\n${document}`],
    ['text after', `${document}hello\n`],
    ['text after and a second end', `${document}hello\n-----END PGP SIGNATURE-----\n`],
    ['a second message', `${document}${document}`],
    ['a second signature block', `${document}${armored}`],
    ['a message within', document.replace('Origin: x\n', document)],
    ['an unescaped dash', document.replace('Origin', '-Origin')],
    ['NUL bytes', document.replace('Origin', 'Ori\0gin')],
    ['another armour header', document.replace('Hash: SHA512', 'Comment: hi')],
    ['a blank that is no empty line', document.replace('SHA512\n\n', 'SHA512\n\u00a0\n')],
    ['no signature', document.slice(0, document.indexOf('-----BEGIN PGP SIGNATURE'))],
    ['a cut signature', document.slice(0, -30)],
    ['a signature that is not base64', document.replace('iQ==', 'i?==')],
    ['text in the signature', document.replace('iQ==', 'iQ==\nhello world')],
    ['an endless signature', document.replace('iQ==', `${'A'.repeat(70_000)}`)],
    ['a header without end', '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512'],
  ];
  for (const [name, text] of malformed) {
    test(name, () => {
      assert.throws(() => splitClearsigned(bytes(text)), { code: 'E_SIGNATURE_INVALID' });
    });
  }

  for (const text of ['', 'Origin: x\n', '<html></html>', '-----BEGIN PGP SIGNATURE-----\n']) {
    test(`${JSON.stringify(text)} as unsigned`, () => {
      assert.throws(() => splitClearsigned(bytes(text)), { code: 'E_SIGNATURE_MISSING' });
    });
  }
});

function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
