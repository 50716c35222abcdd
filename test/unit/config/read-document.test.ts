import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDocument } from '../../../src/config/read-document.ts';
import { isEspejoError } from '../../../src/core/errors.ts';

const faults: readonly (readonly [string, string, RegExp])[] = [
  ['an empty file', '', /^f:1: holds no configuration$/],
  ['comments alone', '# nothing\n', /^f:\d+: holds no configuration$/],
  ['a list', '- a\n', /^f:1: must hold keys with values$/],
  ['a word', 'hello\n', /^f:1: must hold keys with values$/],
  ['YAML with a wrong indent', 'a: 1\n  b: 2\n', /^f:\d:\d+: not YAML: /],
  ['YAML with a tab', 'a:\n\tb: 2\n', /^f:2:\d+: not YAML: /],
  ['two YAML documents', 'a: 1\n---\nb: 2\n', /^f:\d:\d+: not YAML: /],
  ['an alias without anchor', 'a: *b\n', /^f:1:\d+: not YAML: /],
  ['a key that is no text', '? [a]\n: b\n', /^f:1:\d+: not YAML: a key is not plain text$/],
  ['JSON without a comma', '{\n  "a": 1\n  "b": 2\n}', /^f:3:3: not JSON: comma expected$/],
  ['JSON and something after it', '{"a": 1}\n{"b": 2}', /^f:2:1: not JSON: end of file expected$/],
  ['JSON that ends early', '{"a": [1, 2', /^f:1:\d+: not JSON: /],
];

for (const [name, text, message] of faults) {
  test(`refuses ${name}`, () => {
    const act = () => readDocument(text, 'f');

    assert.throws(act, (error) => {
      assert.ok(isEspejoError(error, 'E_CONFIG_SYNTAX'));
      assert.match(error.message, message);
      assert.equal(error.context['line'], Number(error.message.split(':')[1]));
      return true;
    });
  });
}

test('reads YAML flow style that is no JSON', () => {
  const { format, root } = readDocument('{root_dir: /x}', 'f');

  assert.equal(format, 'yaml');
  assert.equal(root.kind === 'map' && root.entries[0]?.key, 'root_dir');
});

test('reads JSON with hash comments as the YAML that it is', () => {
  const { format } = readDocument('{\n  # x\n  "a": 1,\n}', 'f');

  assert.equal(format, 'yaml');
});

test('passes over a byte order mark', () => {
  const readings = ['\ufeff{"a": 1}', '\ufeffa: 1'].map((text) => readDocument(text, 'f'));

  assert.deepEqual(
    readings.map(({ root }) => root.kind === 'map' && root.entries[0]?.key),
    ['a', 'a'],
  );
});

test('refuses a file whose aliases explode', () => {
  const rows = ['a0: &a0 [x]'];
  for (let row = 1; row < 12; row += 1) {
    rows.push(`a${row}: &a${row} [${Array.from({ length: 9 }, () => `*a${row - 1}`).join(', ')}]`);
  }

  const act = () => readDocument(rows.join('\n'), 'f');

  assert.throws(act, /not YAML: more than 100000 values/);
});

test('refuses an alias inside its own anchor', () => {
  const act = () => readDocument('a: &a [*a]\n', 'f');

  assert.throws(act, (error) => isEspejoError(error, 'E_CONFIG_SYNTAX'));
});
