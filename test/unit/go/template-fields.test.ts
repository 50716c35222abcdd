import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { templateFields } from '../../../src/go/template-fields.ts';

describe('templateFields', () => {
  it('has the fields of the paragraph and the parts of the key', () => {
    const shown = Buffer.from('Package: a\nDescription: s\n long\n .\nFiles:\n 00 1 a.dsc\n 11 2 a.tar.gz\n');

    const fields = templateFields(shown, 'Psource a 1:2 c97279c87d7b83cf');

    assert.deepEqual(Object.fromEntries(fields), {
      Package: 'a',
      Description: ' s\n long\n .\n',
      Files: ' 00 1 a.dsc\n 11 2 a.tar.gz\n',
      Key: 'Psource a 1:2 c97279c87d7b83cf',
      ShortKey: 'Psource a 1:2',
      FilesHash: 'c97279c87d7b83cf',
    });
  });
});
