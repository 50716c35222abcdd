import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestsOf } from '../../../src/core/digest.ts';
import { parseChanges, readChanges } from '../../../src/deb/read-changes.ts';
import { armoured, digestLists } from '../../builders/source-files.ts';
import { temporaryFiles } from '../../support/files.ts';

const { put } = temporaryFiles();
const signal = new AbortController().signal;
const files = { 'foo_1.dsc': 'dsc', 'foo_1_amd64.deb': 'deb' };
const text = `Source: foo\nBinary: foo\n foo-doc\nArchitecture: source amd64\nDistribution: unstable\n${digestLists(files, 'admin optional ')}`;
const parse = (content: string) => parseChanges(Buffer.from(content), 'x.changes');

test('understands what is uploaded', () => {
  const changes = parse(text);

  assert.deepEqual(changes.architectures, ['source', 'amd64']);
  assert.deepEqual(changes.binaries, ['foo', 'foo-doc']);
  assert.equal(changes.stanza.get('Distribution'), 'unstable');
  assert.deepEqual(
    changes.files,
    Object.entries(files).map(([name, content]) => ({
      name,
      facts: digestsOf(Buffer.from(content), ['md5', 'sha1', 'sha256']),
    })),
  );
});

test('fields that are missing are empty', () => {
  const changes = parse(digestLists(files, 'a b '));

  assert.deepEqual([changes.architectures, changes.binaries], [[], []]);
});

test('a signed document is read with its bytes for a verifier', async () => {
  const signed = armoured(text);

  const read = await readChanges(put('signed.changes', signed), { signal });

  assert.equal(read.signed, true);
  assert.equal(read.document.toString(), signed);
  assert.equal(read.content.toString(), text);
});

test('an unsigned document is read', async () => {
  const read = await readChanges(put('plain.changes', text), { signal });

  assert.deepEqual([read.signed, read.content.toString()], [false, text]);
});

test('a document of more than 4 MiB is refused', async () => {
  await assert.rejects(readChanges(put('huge.changes', Buffer.alloc(2 ** 22 + 1)), { signal }), {
    code: 'E_SIZE_LIMIT',
  });
});

const refused: readonly (readonly [why: string, code: string, text: string])[] = [
  ['no files', 'E_CONTROL_SYNTAX', 'Source: foo\n'],
  ['two paragraphs', 'E_CONTROL_SYNTAX', `${text}\n${text}`],
  ['no SHA1', 'E_CONTROL_SYNTAX', text.replace('Checksums-Sha1', 'X-Sha1')],
  ['no SHA256', 'E_CONTROL_SYNTAX', text.replace('Checksums-Sha256', 'X-Sha256')],
  ['no MD5', 'E_CONTROL_SYNTAX', text.replace('Files', 'X-Files')],
  ['files without section', 'E_CONTROL_SYNTAX', text.replaceAll('admin ', '')],
  ['too many columns', 'E_CONTROL_SYNTAX', text.replaceAll('admin ', 'admin x ')],
  ['two sizes', 'E_CONTROL_SYNTAX', text.replace(' 3 admin', ' 4 admin')],
  ['a parent', 'E_UNSAFE_PATH', text.replaceAll('foo_1.dsc', '..')],
  ['a directory', 'E_UNSAFE_PATH', text.replaceAll('foo_1.dsc', '../../etc/passwd')],
  ['an absolute path', 'E_UNSAFE_PATH', text.replaceAll('foo_1.dsc', '/etc/passwd')],
];

for (const [why, code, content] of refused) {
  test(`an upload with ${why} is refused`, () => {
    assert.throws(() => parse(content), { code, message: /x\.changes|"/ });
  });
}
