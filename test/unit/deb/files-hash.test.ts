import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filesHash } from '../../../src/deb/files-hash.ts';

test('is the documented example of aptly, without padding to 16 digits', () => {
  const file = {
    name: 'vv_5.0_amd64.deb',
    facts: {
      size: 600,
      digests: {
        md5: '777aafee03f29494533ae38402880869',
        sha1: '6dd518b5c39e2251455c243b8e67e017f6110964',
        sha256: 'bc8e11931ebee175e685a420f5a90a4254bf5efd29a0f6634cd927e405a6472c',
      },
    },
  };

  assert.equal(filesHash([file]), 'faa9c9eb5e198c5');
});

test('does not depend on the order of the files', () => {
  const a = { name: 'a', facts: { size: 1, digests: {} } };
  const b = { name: 'b', facts: { size: 2, digests: {} } };

  assert.equal(filesHash([b, a]), filesHash([a, b]));
});

test('of no file is the offset of FNV-1a', () => {
  assert.equal(filesHash([]), 'cbf29ce484222325');
});
