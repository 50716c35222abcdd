import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wrapped } from '../../../src/cli/wrap.ts';

describe('wrapped', () => {
  it('leaves what fits', () => {
    assert.deepEqual(wrapped('  -a    text', 80), ['  -a    text']);
  });

  it('indents to the column of the text', () => {
    assert.deepEqual(wrapped('  -f=X   one two three', 20), ['  -f=X   one two', '         three']);
  });

  it('breaks a sentence at its margin', () => {
    assert.deepEqual(wrapped('one two three', 8), ['one two', 'three']);
  });

  it('indents little where the column is too far right', () => {
    assert.deepEqual(wrapped('  -a-long-flag   one two', 21), ['  -a-long-flag   one', '    two']);
  });

  it('keeps a word that is too long whole', () => {
    assert.deepEqual(wrapped('aaaaaaaaaa b', 4), ['aaaaaaaaaa', 'b']);
  });
});
