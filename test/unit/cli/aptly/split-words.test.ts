import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { commandList } from '../../../../src/cli/aptly/command-list.ts';
import { splitWords } from '../../../../src/cli/aptly/split-words.ts';
import { isEspejoError } from '../../../../src/core/errors.ts';

describe('splitWords', () => {
  const lines: readonly (readonly [line: string, words: readonly string[]])[] = [
    ['', []],
    [' \t ', []],
    ['repo  list\t-raw', ['repo', 'list', '-raw']],
    ["repo create 'a b'", ['repo', 'create', 'a b']],
    ['repo create "a \'b\'"', ['repo', 'create', "a 'b'"]],
    ["x'y z'w", ['xy zw']],
    ["''", ['']],
    ['a\\ b', ['a b']],
    ['"a\\"b\\n"', ['a"b\\n']],
    ["'a\\'", ['a\\']],
    ['a | b; c', ['a', '|', 'b;', 'c']],
    ['$HOME `x`', ['$HOME', '`x`']],
  ];
  for (const [line, words] of lines) {
    it(`${line || 'nothing'} is ${JSON.stringify(words)}`, () => {
      assert.deepEqual(splitWords(line), words);
    });
  }

  for (const line of ["a 'b", 'a "b', '"a\\"']) {
    it(`${line} has a quote without an end`, () => {
      assert.throws(
        () => splitWords(line),
        (error) => isEspejoError(error, 'E_BAD_VALUE') && /has no end/.test(error.message),
      );
    });
  }

  it('gives back every list of words that a shell would be given in quotes', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (words) => {
        const line = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');

        assert.deepEqual(splitWords(line), words);
      }),
    );
  });
});

describe('commandList', () => {
  const lists: readonly (readonly [words: string, commands: readonly string[]])[] = [
    ['repo list -raw, version', ['repo list -raw', 'version']],
    ['version', ['version']],
    ['version,', ['version']],
    ['version,, version', ['version', 'version']],
    ['version , repo list', ['version', 'repo list']],
    [', , version', ['version']],
    [',', []],
  ];
  for (const [words, commands] of lists) {
    it(`${words} is ${commands.length} commands`, () => {
      assert.deepEqual(
        commandList(words.split(' ')).map((command) => command.join(' ')),
        commands,
      );
    });
  }
});
