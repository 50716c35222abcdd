import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planFileAnswer } from '../../../src/http/plan-file-answer.ts';

const modified = 'Thu, 21 Apr 2016 23:23:46 GMT';
const file = { size: 10, modifiedNs: BigInt(Date.parse(modified)) * 1_000_000n + 5n, inode: 7n };
const etag = planFileAnswer({}, file).headers['etag'] ?? '';

test('without conditions the whole file is answered with its validators', () => {
  const answer = planFileAnswer({}, file);

  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body, { start: 0, length: 10 });
  assert.equal(answer.headers['last-modified'], modified);
  assert.match(etag, /^"[0-9a-f-]+"$/);
});

test('two files of one size and second have different tags', () => {
  const other = planFileAnswer({}, { ...file, modifiedNs: file.modifiedNs + 1n });

  assert.notEqual(other.headers['etag'], etag);
  assert.equal(other.headers['last-modified'], modified);
});

const statuses: readonly (readonly [
  what: string,
  headers: Readonly<Record<string, string>>,
  status: number,
])[] = [
  ['its tag', { 'if-none-match': etag }, 304],
  ['its weak tag among others', { 'if-none-match': `"x", W/${etag}` }, 304],
  ['any tag', { 'if-none-match': '*' }, 304],
  ['another tag', { 'if-none-match': '"x"' }, 200],
  ['another tag with the same date', { 'if-none-match': '"x"', 'if-modified-since': modified }, 200],
  ['its date', { 'if-modified-since': modified }, 304],
  ['an earlier date', { 'if-modified-since': 'Thu, 21 Apr 2016 23:23:45 GMT' }, 200],
  ['a later date, as after a rollback', { 'if-modified-since': 'Thu, 21 Apr 2016 23:23:47 GMT' }, 200],
  ['no date at all', { 'if-modified-since': 'yesterday' }, 200],
  ['If-Match of its tag', { 'if-match': etag }, 200],
  ['If-Match of another tag', { 'if-match': '"x"' }, 412],
  ['If-Match of its weak tag', { 'if-match': `W/${etag}` }, 412],
  ['If-Unmodified-Since before', { 'if-unmodified-since': 'Thu, 21 Apr 2016 23:23:45 GMT' }, 412],
  ['If-Unmodified-Since of its date', { 'if-unmodified-since': modified }, 200],
  ['a range', { range: 'bytes=0-1' }, 206],
  ['a range if it has the tag', { range: 'bytes=0-1', 'if-range': etag }, 206],
  ['a range if it has the date, as apt resumes', { range: 'bytes=0-1', 'if-range': modified }, 206],
  ['a range of another tag', { range: 'bytes=0-1', 'if-range': '"x"' }, 200],
  ['a range of a weak tag', { range: 'bytes=0-1', 'if-range': `W/${etag}` }, 200],
  ['a range of another date', { range: 'bytes=0-1', 'if-range': 'Thu, 21 Apr 2016 23:23:47 GMT' }, 200],
  ['a range past the end', { range: 'bytes=10-' }, 416],
  ['a range past the end of another file', { range: 'bytes=10-', 'if-range': '"x"' }, 200],
];

for (const [what, headers, status] of statuses) {
  test(`${what}: ${status}`, () => {
    const answer = planFileAnswer(headers, file);

    assert.equal(answer.status, status);
    assert.equal(answer.body === undefined, status !== 200 && status !== 206);
  });
}
