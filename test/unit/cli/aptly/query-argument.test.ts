import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { readQueryText, readQueryTexts } from '../../../../src/cli/aptly/query-argument.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

describe('readQueryText', () => {
  const cwd = temporaryDirectory('query');

  it('takes an argument as it is', async () => {
    assert.equal(await readQueryText('a (= 1@2)', { cwd }), 'a (= 1@2)');
  });

  it('reads a file after @, relative to the working directory', async () => {
    await writeFile(join(cwd, 'q'), 'alpha\n');

    assert.equal(await readQueryText('@q', { cwd }), 'alpha\n');
  });

  it('reads standard input for @-', async () => {
    const stdin = Readable.from([Buffer.from('al'), Buffer.from('pha')]);

    assert.equal(await readQueryText('@-', { cwd, stdin }), 'alpha');
  });

  it('names a file that is not there', async () => {
    const expected = {
      code: 'E_IO',
      stage: 'read',
      message: /^unable to read package query from file absent: ENOENT/,
    };

    await assert.rejects(readQueryText('@absent', { cwd }), expected);
  });
});

describe('readQueryTexts', () => {
  it('keeps the order of the arguments', async () => {
    assert.deepEqual(await readQueryTexts(['a', 'b'], { cwd: '/' }), ['a', 'b']);
  });
});
