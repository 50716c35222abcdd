import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseControl, parseStanza, Stanza } from '../../../src/deb/control.ts';

const paragraph = [
  'Package: foo',
  'Description:  short text\t',
  ' first line ',
  '  indented',
  ' .',
  'Files:',
  ' abc 1 a.dsc',
  'Empty:',
  'tag::x: a:b',
].join('\n');

test('gives values without blanks around them', () => {
  const stanza = new Stanza(Buffer.from('A:x\nB: \t y \nC:'));

  assert.deepEqual([stanza.get('A'), stanza.get('B'), stanza.get('C')], ['x', 'y', '']);
});

test('finds fields in any case and says when there is none', () => {
  const stanza = new Stanza(Buffer.from(paragraph));

  assert.deepEqual(
    [stanza.get('PACKAGE'), stanza.get('package'), stanza.get('Pack')],
    ['foo', 'foo', undefined],
  );
});

test('joins continuation lines without their first blank', () => {
  const stanza = new Stanza(Buffer.from(paragraph));

  assert.equal(stanza.get('Description'), 'short text\nfirst line\n indented\n.');
  assert.equal(stanza.get('Files'), '\nabc 1 a.dsc');
});

test('a field ends at the first colon of its line', () => {
  const stanza = new Stanza(Buffer.from(paragraph));

  assert.equal(stanza.get('tag'), ':x: a:b');
});

test('lists fields in the order of the file', () => {
  const { fields } = new Stanza(Buffer.from(paragraph));

  assert.deepEqual(
    fields.map(({ name }) => name),
    ['Package', 'Description', 'Files', 'Empty', 'tag'],
  );
});

test('keeps the bytes that it was given', () => {
  const bytes = new Uint8Array(Buffer.from('A: \xff\xfe', 'latin1'));

  const stanza = new Stanza(bytes);

  assert.deepEqual(stanza.raw, Buffer.from(bytes));
  assert.equal(stanza.readFields('latin1')[0]?.value, '\xff\xfe');
});

test('reads UTF-8 and lines that end in carriage returns', () => {
  const stanza = new Stanza(Buffer.from('A: Jürgen\r\nB: x\r\n y\r'));

  assert.deepEqual([stanza.get('A'), stanza.get('B')], ['Jürgen', 'x\ny']);
});

test('picks several fields at once', () => {
  const stanza = new Stanza(Buffer.from('A: 1\nB: 2\nC: 3'));

  assert.deepEqual(stanza.pick(['c', 'x', 'a']), ['3', undefined, '1']);
});

for (const text of ['A: 1\nB: 2\na: 3', 'A: 1\nA: 1']) {
  test(`refuses a duplicate field in ${JSON.stringify(text)}`, () => {
    const stanza = new Stanza(Buffer.from(text), 'here');

    assert.throws(() => stanza.fields, {
      code: 'E_CONTROL_SYNTAX',
      message: /^here: field [aA] is there twice/,
    });
    assert.throws(() => stanza.get('A'), { code: 'E_CONTROL_SYNTAX' });
  });
}

for (const text of [
  'no field',
  ' x: y',
  'A B: x',
  ': x',
  '#x: y',
  '-x: y',
  'A: x\njunk',
  'A\u0001: x',
  'Ä: x',
  'A',
]) {
  test(`refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => new Stanza(Buffer.from(text), 'here').fields, {
      code: 'E_CONTROL_SYNTAX',
      message: /^here: ".*" is not a control field/,
    });
  });
}

test('reads all paragraphs of a file, however many blank lines are around them', () => {
  const stanzas = parseControl('\n\nA: 1\n\n\n\nA: 2\nB: 3\n\nA: 4', 'file');

  assert.deepEqual(
    stanzas.map((stanza) => stanza.raw.toString()),
    ['A: 1', 'A: 2\nB: 3', 'A: 4'],
  );
});

test('an empty file has no paragraph', () => {
  assert.deepEqual([parseControl('', 'file'), parseControl('\n\n', 'file')], [[], []]);
});

test('reads one paragraph', () => {
  const stanza = parseStanza(Buffer.from('A: 1\n'), 'file');

  assert.equal(stanza.get('A'), '1');
});

for (const text of ['', 'A: 1\n\nB: 2\n', 'A: 1\nA: 2\n', 'A: \0\n']) {
  test(`${JSON.stringify(text)} is not exactly one paragraph`, () => {
    assert.throws(() => parseStanza(text, 'file'), { code: 'E_CONTROL_SYNTAX', message: /^file: / });
  });
}
