import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestsOf } from '../../../src/core/digest.ts';
import {
  listedFacts,
  parseRelease,
  type ReleaseFields,
  renderComponentRelease,
  renderRelease,
} from '../../../src/deb/release.ts';

const md5 = 'd41d8cd98f00b204e9800998ecf8427e';
const otherMd5 = '0cc175b9c0f1b6a831c399e269772661';
const sha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const sha1 = 'da39a3ee5e6b4b0d3255bfef95601890afd80709';
const sha512 = 'c'.repeat(128);
const date = 'Date: Thu, 21 Apr 2016 23:23:46 UTC';

function parse(...lines: readonly string[]): ReturnType<typeof parseRelease> {
  return parseRelease(Buffer.from(`${lines.join('\n')}\n`), 'Release');
}

test('reads the fields of a Release file', () => {
  const release = parse(
    'Origin: Ubuntu',
    'Label: Ubuntu',
    'Suite: xenial',
    'Version: 16.04',
    'Codename: xenial',
    date,
    'Valid-Until: Fri, 22 Apr 2016 23:23:46 UTC',
    'Architectures: amd64  i386',
    'Components: main updates/main',
    'Acquire-By-Hash: yes',
    'NotAutomatic: yes',
    'ButAutomaticUpgrades: yes',
  );

  assert.deepEqual(
    { ...release, stanza: undefined },
    {
      stanza: undefined,
      origin: 'Ubuntu',
      label: 'Ubuntu',
      suite: 'xenial',
      version: '16.04',
      codename: 'xenial',
      date: new Date('2016-04-21T23:23:46Z'),
      validUntil: new Date('2016-04-22T23:23:46Z'),
      architectures: ['amd64', 'i386'],
      components: ['main', 'updates/main'],
      acquireByHash: true,
      notAutomatic: 'yes',
      butAutomaticUpgrades: 'yes',
      files: new Map(),
      contradicted: new Map(),
      faults: [],
    },
  );
});

test('a Release file needs no more than a Date', () => {
  const release = parse(date);

  assert.deepEqual(
    [
      release.architectures,
      release.components,
      release.acquireByHash,
      'suite' in release,
      'validUntil' in release,
    ],
    [[], [], false, false, false],
  );
});

test('merges the digest sections by path', () => {
  const { files } = parse(
    date,
    'MD5Sum:',
    ` ${md5}  0 a`,
    ` ${md5} 12 b/c`,
    'SHA256:',
    ` ${sha256}        0 ./a`,
  );

  assert.deepEqual(Array.from(files), [
    ['a', { size: 0, digests: { md5, sha256 } }],
    ['b/c', { size: 12, digests: { md5 } }],
  ]);
});

const odd: readonly (readonly [fault: RegExp, lines: readonly string[]])[] = [
  [/Date: it is missing/, ['Origin: x']],
  [/Date: "yesterday" is not a date/, ['Date: yesterday']],
  [/Date: "2016-09-29 13:22:30 UTC" is not a date/, ['Date: 2016-09-29 13:22:30 UTC']],
  [/Date: .* is not a date/, ['Date: Thu, Sep 29 2016 13:22:30 UTC']],
  [/Valid-Until: "never" is not a date/, [date, 'Valid-Until: never']],
  [/suite: it is there twice, the last counts/, [date, 'Suite: a', 'suite: b']],
  [/what follows an empty line is not read/, [date, '', date]],
  [/"junk" is no field/, [date, 'junk']],
  [/"# by hand: x" is no field/, ['# by hand: x', date]],
  [/"\.\.\/x" is not an architecture/, [date, 'Architectures: ../x']],
  [/Components: "\.\.\/x" is passed over/, [date, 'Components: ../x']],
  [/"a" is listed with 1 and with 0 bytes/, [date, 'MD5Sum:', ` ${md5} 0 a`, 'SHA1:', ` ${sha1} 1 a`]],
  [/is not a digest, a size and a name/, [date, 'MD5Sum:', ` ${md5} 0`]],
  [/"-1" is not a size/, [date, 'MD5Sum:', ` ${md5} -1 a`]],
  [/is not a SHA256 digest/, [date, 'SHA256:', ` ${md5} 0 a`]],
  [/is not a digest, a size and a name/, [date, 'MD5Sum:', ` ${md5} 0 a b`]],
  [/path "\.\.\/a" is refused/, [date, 'MD5Sum:', ` ${md5} 0 ../a`]],
  [/is refused/, [date, 'MD5Sum:', ` ${md5} 0 a\u0001`]],
];

for (const [fault, lines] of odd) {
  test(`is told and passed over: ${JSON.stringify(lines.filter((line) => line !== date)).slice(0, 80)}`, () => {
    const { faults, files, architectures, components } = parse(...lines);

    assert.equal(faults.length, 1);
    assert.match(faults[0] ?? '', fault);
    assert.match(faults[0] ?? '', /^Release: /);
    assert.deepEqual([architectures, components], [[], []]);
    assert.equal(
      Array.from(files.values()).some(({ digests }) => digests.sha256 !== undefined),
      false,
    );
  });
}

test('a Release with CR LF line ends is read, and nothing else of it is odd', () => {
  const lines = [date, 'Suite: s', 'MD5Sum:', ` ${md5} 0 a`, ''];

  const release = parseRelease(Buffer.from(lines.join('\r\n')), 'Release');

  assert.deepEqual(release.faults, ['Release: fields: lines end in CR LF; read as if they did not']);
  assert.deepEqual([release.suite, Array.from(release.files.keys())], ['s', ['a']]);
});

test('a path that one section has twice counts as listed first, as for apt', () => {
  const release = parse(date, 'MD5Sum:', ` ${md5} 0 a`, ` ${otherMd5} 1 a`);

  assert.deepEqual(listedFacts(release, 'a'), { size: 0, digests: { md5 } });
  assert.match(release.faults[0] ?? '', /"a" is listed twice, the first counts/);
});

test('sections that contradict each other about a file matter when it is needed', () => {
  const lists = ['SHA256:', ` ${sha256} 1 a`, ` ${sha256} 0 b`, 'SHA512:', ` ${sha512} 0 a`];
  const release = parse(date, 'MD5Sum:', ` ${md5} 0 b`, ...lists);

  assert.deepEqual(listedFacts(release, 'b'), { size: 0, digests: { md5, sha256 } });
  assert.equal(listedFacts(release, 'c'), undefined);
  assert.throws(() => listedFacts(release, 'a'), { code: 'E_RELEASE_SYNTAX', message: /0 and with 1 bytes/ });
});

test('a section of weak digests that contradicts a strong one is passed over, as by apt', () => {
  const release = parse(date, 'MD5Sum:', ` ${md5} 7 a`, 'SHA1:', ' abc 7 a', 'SHA256:', ` ${sha256} 1 a`);

  assert.deepEqual(listedFacts(release, 'a'), { size: 1, digests: { sha256 } });
  assert.equal(release.faults.length, 2);
  assert.match(
    release.faults[1] ?? '',
    /MD5Sum: "a" is listed with 1 and with 7 bytes; the line is passed over/,
  );
  const weak = parse(date, 'MD5Sum:', ` ${md5} 7 a`, 'SHA1:', ` ${'a'.repeat(40)} 8 a`);
  assert.throws(() => listedFacts(weak, 'a'), { code: 'E_RELEASE_SYNTAX' });
});

test('Acquire-By-Hash has all the words that apt takes for yes', () => {
  for (const word of ['yes', 'Yes', 'true', 'on', '1'])
    assert.equal(parse(date, `Acquire-By-Hash: ${word}`).acquireByHash, true, word);
  for (const word of ['no', 'false', '', '0', 'maybe'])
    assert.equal(parse(date, `Acquire-By-Hash: ${word}`).acquireByHash, false, word);
});

test('refuses an empty file', () => {
  assert.throws(() => parseRelease(Buffer.alloc(0), 'Release'), { code: 'E_RELEASE_SYNTAX' });
});

const fields: ReleaseFields = {
  origin: 'Acme',
  label: 'Acme xenial',
  suite: 'stable',
  codename: 'xenial',
  version: '16.04',
  date: new Date('2016-04-01T03:04:05Z'),
  validUntil: new Date('2016-04-08T03:04:05Z'),
  notAutomatic: 'yes',
  butAutomaticUpgrades: 'no',
  acquireByHash: true,
  signedBy: 'A'.repeat(40),
  architectures: ['amd64', 'i386'],
  components: ['main', 'universe'],
  description: 'Generated by espejo',
};

test('writes the fields in the order of aptly and the files by path', () => {
  const files = new Map([
    ['main/b', digestsOf(Buffer.from('b'))],
    ['main/a', digestsOf(Buffer.from('a'.repeat(1000)), ['md5', 'sha256'])],
  ]);

  const text = renderRelease(fields, files).toString();

  assert.equal(
    text,
    `Origin: Acme
Label: Acme xenial
Suite: stable
Version: 16.04
Codename: xenial
Date: Fri, 01 Apr 2016 03:04:05 UTC
Valid-Until: Fri, 08 Apr 2016 03:04:05 UTC
NotAutomatic: yes
ButAutomaticUpgrades: no
Acquire-By-Hash: yes
Signed-By: ${'A'.repeat(40)}
Architectures: amd64 i386
Components: main universe
Description: Generated by espejo
MD5Sum:
 cabe45dcc9ae5b66ba86600cca6b8ba8     1000 main/a
 92eb5ffee6ae2fec3ad71c777531578f        1 main/b
SHA1:
 e9d71f5ee7c92d6dc9e92ffdad17b8bd49418f98        1 main/b
SHA256:
 41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3     1000 main/a
 3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d        1 main/b
SHA512:
 5267768822ee624d48fce15ec5ca79cbd602cb7f4c2157a516556991f22ef8c7b5ef7b18d1ff41c59370efb0858651d44a936c11b7b144c48fe04df3c6a3e8da        1 main/b
`,
  );
});

test('leaves absent fields out', () => {
  const text = renderRelease(
    {
      origin: 'o',
      label: 'l',
      suite: 's',
      codename: 'c',
      date: new Date(0),
      acquireByHash: false,
      architectures: ['amd64'],
      components: ['main'],
    },
    new Map(),
  ).toString();

  assert.equal(
    text,
    'Origin: o\nLabel: l\nSuite: s\nCodename: c\nDate: Thu, 01 Jan 1970 00:00:00 UTC\n' +
      'Architectures: amd64\nComponents: main\n',
  );
});

test('what is written is read back', () => {
  const files = new Map([['main/a', digestsOf(Buffer.from('a'))]]);

  const release = parseRelease(renderRelease(fields, files), 'Release');

  assert.deepEqual(release.files, files);
  assert.deepEqual([release.date, release.validUntil], [fields.date, fields.validUntil]);
});

test('a value cannot add a line', () => {
  assert.throws(() => renderRelease({ ...fields, label: 'x\nEvil: yes' }, new Map()), {
    code: 'E_RELEASE_SYNTAX',
  });
});

test('writes the Release file of one index', () => {
  const text = renderComponentRelease(fields, {
    archive: 'xenial',
    component: 'main',
    architecture: 'amd64',
  });

  assert.equal(
    text.toString(),
    `Origin: Acme
Label: Acme xenial
Archive: xenial
Suite: stable
Version: 16.04
Codename: xenial
Acquire-By-Hash: yes
Signed-By: ${'A'.repeat(40)}
Architecture: amd64
Component: main
`,
  );
});
