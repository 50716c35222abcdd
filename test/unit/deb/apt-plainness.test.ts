import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPlainForApt } from '../../../src/deb/apt-plainness.ts';
import { aptProblem } from '../../../src/deb/apt-syntax.ts';
import { Stanza } from '../../../src/deb/control.ts';
import { publishedValue } from '../../../src/deb/render-index.ts';

const head = 'Package: odd\nVersion: 1\nArchitecture: amd64';

for (const text of [
  `Depends: libc6 (>= 2.31), a:any (= 1) | b, \${x:y}`,
  'pre-depends: a (<< 1~) , b(>=1)|c\nTag: x,\n y',
  'Provides: a,\n b (= 2:1-1),\n c',
  `Description-md5: ${'0'.repeat(32)}`,
  'Conffiles:\n /etc/a (\n /etc/b',
  'Built-Using: a (',
])
  test(`plain: ${text.slice(0, 40)}`, () => {
    assert.ok(isPlainForApt(Buffer.from(`${head}\n${text}`)));
    assert.ok(isPlainForApt(Buffer.from(`${head}\n${text}\n`)));
  });

for (const text of [
  'Depends:',
  'Provides: ',
  'Suggests: a,',
  'Breaks: a (=1)',
  'Enhances: a [amd64]',
  'Description-md5: 0',
  'no field',
  '#Depends: a',
  `X: ${'x'.repeat(21_000)}`,
])
  test(`to be looked at: ${text.slice(0, 40)}`, () => {
    assert.ok(!isPlainForApt(Buffer.from(`${head}\n${text}`)));
  });

test('what is plain is good, for 20,000 relations made of odd pieces', () => {
  const pieces = [
    'a',
    'b-1',
    '(',
    ')',
    '<',
    '>',
    '=',
    '>=',
    ',',
    '|',
    ' ',
    ' ',
    '\n ',
    '[',
    ']',
    '1',
    ':',
    '\t',
    'ä',
  ];
  const fields = ['Depends', 'provides', 'Conflicts'];
  let seed = 1;
  const below = (limit: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (seed >>> 8) % limit;
  };
  // Too long for the quick look.
  const padding = `X-Text: ${'x'.repeat(21_000)}`;
  let plain = 0;
  for (let round = 0; round < 20_000; round += 1) {
    const value = Array.from({ length: 1 + below(9) }, () => pieces[below(pieces.length)]).join('');
    const text = `${head}\n${fields[below(fields.length)]}: ${value}`;
    if (!isPlainForApt(Buffer.from(text))) continue;
    plain += 1;
    const stanza = new Stanza(Buffer.from(`${text}\n${padding}`));
    assert.deepEqual([aptProblem(stanza), aptProblem(stanza, publishedValue)], [undefined, undefined], text);
  }
  assert.ok(plain > 1000, `${plain} were plain`);
});
