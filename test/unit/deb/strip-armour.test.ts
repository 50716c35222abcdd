import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripArmour } from '../../../src/deb/strip-armour.ts';
import { armoured } from '../../builders/source-files.ts';

const strip = (text: string) => stripArmour(Buffer.from(text), 'x.dsc');

test('a text without armour comes back as it is', () => {
  const { signed, content } = strip('Source: foo  \r\n');

  assert.deepEqual([signed, content.toString()], [false, 'Source: foo  \r\n']);
});

for (const text of ['Source: foo\n', 'A: é\n-dash: x\n\n\nB: y\n', '\nA: x\n', '- \n']) {
  test(`the armour comes off: ${JSON.stringify(text)}`, () => {
    const { signed, content } = strip(armoured(text));

    assert.deepEqual([signed, content.toString()], [true, text.replace('- \n', '-\n')]);
  });
}

test('lines may end in CR LF, and blank lines may follow', () => {
  const { content } = strip(`${armoured('A: x\n').replaceAll('\n', '\r\n')}\r\n\r\n`);

  assert.equal(content.toString(), 'A: x\n');
});

const malformed: readonly (readonly [why: string, text: string])[] = [
  ['text before it', `Source: evil\n\n${armoured('A: x\n')}`],
  ['text after it', `${armoured('A: x\n')}\nSource: evil\n`],
  ['a second message', armoured('A: x\n') + armoured('B: y\n')],
  ['no signature', armoured('A: x\n').slice(0, 70)],
  ['no end', armoured('A: x\n').slice(0, -10)],
  ['no blank line', '-----BEGIN PGP SIGNED MESSAGE-----'],
  ['an unescaped dash', armoured('A: x\n').replace('A: x', '--A: x')],
];

for (const [why, text] of malformed) {
  test(`armour with ${why} is refused`, () => {
    assert.throws(() => strip(text), { code: 'E_DEB_FORMAT', message: /^x\.dsc: / });
  });
}
