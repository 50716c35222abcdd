import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseRequestPath } from '../../../src/http/request-path.ts';

test('segments are decoded once; plus stays plus', () => {
  const path = parseRequestPath('/ubuntu/pool/lib%2b+%7e~_%25.deb?x=/../y');

  assert.deepEqual(path, { kind: 'path', segments: ['ubuntu', 'pool', 'lib++~~_%.deb'], directory: false });
});

test('repeated slashes count as one and a last one asks for a directory', () => {
  const path = parseRequestPath('//ubuntu///dists//');

  assert.deepEqual(path, { kind: 'path', segments: ['ubuntu', 'dists'], directory: true });
});

test('the absolute form of a proxy request is its path', () => {
  const paths = ['http://mirror:80/ubuntu/x', 'HTTPS://mirror/ubuntu/x?y'].map(parseRequestPath);

  for (const path of paths) {
    assert.deepEqual(path, { kind: 'path', segments: ['ubuntu', 'x'], directory: false });
  }
});

test('a target without a path of its own is malformed', () => {
  const kinds = ['*', 'ubuntu', 'ftp://mirror/x', `/${'a'.repeat(5000)}`].map(
    (target) => parseRequestPath(target).kind,
  );

  assert.deepEqual(kinds, ['malformed', 'malformed', 'malformed', 'malformed']);
});

test('whatever is asked, a segment is a plain name', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const path = parseRequestPath(`/${text}`);

      for (const segment of path.kind === 'path' ? path.segments : []) {
        assert.ok(segment !== '' && !segment.startsWith('.') && !/[/\\\0]/.test(segment));
      }
    }),
  );
});

test('any file name that is no dot entry comes back from its encoding', () => {
  const name = fc
    .string({ unit: 'grapheme', minLength: 1 })
    .filter((text) => !/^\.|[/\\\u0000-\u001f\u007f]/.test(text));

  fc.assert(
    fc.property(name, (text) => {
      const path = parseRequestPath(`/${encodeURIComponent(text)}`);

      assert.deepEqual(path, { kind: 'path', segments: [text], directory: false });
    }),
  );
});
