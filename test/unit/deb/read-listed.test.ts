import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Oddity } from '../../../src/deb/index-reader.ts';
import type { BinaryPackage, SourcePackage } from '../../../src/deb/package.ts';
import { readListedBinary, readListedSource, type Vouching } from '../../../src/deb/read-listed.ts';

const md5 = '777aafee03f29494533ae38402880869';
const sha1 = '6dd518b5c39e2251455c243b8e67e017f6110964';
const sha256 = 'bc8e11931ebee175e685a420f5a90a4254bf5efd29a0f6634cd927e405a6472c';

const usual = `Package: odd
Version: 1.0-1
Architecture: amd64
Maintainer: somebody
Filename: pool/o/odd.deb
Size: 600
MD5sum: ${md5}
SHA1: ${sha1}
SHA256: ${sha256}
Description: a package
 in two lines`;

const source = `Package: odd
Version: 1.0-1
Directory: pool/o
Files:
 ${md5} 10 odd_1.0-1.dsc
Checksums-Sha256:
 ${sha256} 10 odd_1.0-1.dsc`;

type Read<Package> = { readonly taken: Package[]; readonly odd: Oddity[] };

function binaries(text: string | Buffer, vouching: Vouching = 'strong'): Read<BinaryPackage> {
  const read: Read<BinaryPackage> = { taken: [], odd: [] };
  const sink = {
    take: (one: BinaryPackage) => void read.taken.push(one),
    odd: (one: Oddity) => void read.odd.push(one),
  };
  readListedBinary(Buffer.from(text), { what: 'Packages', vouching }, sink);
  return read;
}

function sources(text: string): Read<SourcePackage> {
  const read: Read<SourcePackage> = { taken: [], odd: [] };
  const sink = {
    take: (one: SourcePackage) => void read.taken.push(one),
    odd: (one: Oddity) => void read.odd.push(one),
  };
  readListedSource(Buffer.from(text), { what: 'Sources', vouching: 'strong' }, sink);
  return read;
}

function changed(from: string | RegExp, to: string): string {
  const text = usual.replace(from, to);
  assert.notEqual(text, usual);
  return text;
}

test('a usual paragraph is taken as it is, and nothing is odd', () => {
  const { taken, odd } = binaries(usual);

  assert.deepEqual([taken.length, odd], [1, []]);
  assert.equal(String(taken[0]?.stanza.raw), usual);
});

test('a line of blanks at the end is no part of the last field', () => {
  const { taken, odd } = binaries(`${usual.slice(0, usual.indexOf('\nDescription'))}\n \t`);

  assert.deepEqual([taken[0]?.file.facts.digests.sha256, odd], [sha256, []]);
});

test('a digest without a value vouches for nothing', () => {
  const { taken, odd } = binaries(changed(`SHA256: ${sha256}`, 'SHA256:'));

  assert.deepEqual([taken, odd.map((one) => one.isLeftOut)], [[], [true]]);
  assert.match(odd[0]?.message ?? '', /neither SHA256 nor SHA512 is listed; left out/);
});

const kept: readonly (readonly [what: string, text: string, message: RegExp])[] = [
  ['a version that dpkg refuses', changed('1.0-1', '1.0_rc1'), /odd_1\.0_rc1_amd64: Version: .*"1\.0_rc1"/],
  ['a version beyond ASCII', changed('1.0-1', '1.0é'), /odd_1\.0é_amd64: Version/],
  ['a repeated field', changed('Maintainer', 'maintainer: x\nMaintainer'), /Maintainer: it is there twice/],
  ['a line without colon', changed('Maintainer', 'a second line\nMaintainer'), /"a second line" is no field/],
  ['a line without colon last', `${usual}\nthe end`, /"the end" is no field/],
  ['a comment', changed('Maintainer', '#Pre-Depends: x\nMaintainer'), /"#Pre-Depends: x" is no field/],
  ['an empty digest', changed(`MD5sum: ${md5}`, 'MD5sum:'), /MD5sum: it has no value/],
  ['a byte order mark', `\ufeff${usual}`, /byte order mark/],
  ['a comment first', `# made by hand\n${usual}`, /"# made by hand"/],
  ['a blank in a field name', changed('Maintainer', 'My Field: y\n z\nMaintainer'), /"My Field"/],
  ['an empty field name', changed('Maintainer', ': y\nMaintainer'), /"" is not the name/],
  ['a field name beyond ASCII', changed('Maintainer', 'Größe: y\nMaintainer'), /"Größe"/],
  ['an indented first line', ` lead\n${usual}`, /" lead" is no field/],
  ['a NUL byte in a text', changed('somebody', 'some\0body'), /Maintainer: it has a NUL byte/],
  ['words behind the size', changed('600', '600 bytes'), /Size: "600 bytes" is read as 600/],
  ['a plus before the size', changed('600', '+600'), /Size: "\+600" is read as 600/],
];

for (const [what, text, message] of kept) {
  test(`${what} is told, and the package taken`, () => {
    const { taken, odd } = binaries(text);

    assert.equal(taken.length, 1);
    assert.equal(taken[0]?.name, 'odd');
    assert.equal(taken[0]?.file.facts.size, 600);
    assert.equal(taken[0]?.file.path, 'pool/o/odd.deb');
    assert.doesNotThrow(() => taken[0]?.stanza.fields);
    assert.equal(odd.length, 1);
    assert.match(odd[0]?.message ?? '', message);
    assert.match(odd[0]?.message ?? '', /^Packages: odd_/);
    assert.equal(odd[0]?.isLeftOut, false);
  });
}

const leftOut: readonly (readonly [what: string, text: string, message: RegExp])[] = [
  ['an architecture that is none', changed('amd64', 'x86_64'), /odd: Architecture: "x86_64"/],
  ['two architectures', changed('amd64', 'amd64 i386'), /Architecture/],
  ['the architecture of sources', changed('amd64', 'source'), /Architecture/],
  ['no architecture', changed('Architecture: amd64\n', ''), /Architecture/],
  ['a name with blanks', changed('odd', 'odd one'), /Package: "odd one"/],
  ['no name', changed('Package: odd\n', ''), /Package/],
  ['no version', changed('Version: 1.0-1\n', ''), /odd: Version/],
  ['blanks in the version', changed('1.0-1', '1.0 beta'), /Version/],
  ['no size', changed('Size: 600\n', ''), /odd_1\.0-1_amd64: Size/],
  ['a size that is none', changed('600', 'big'), /Size: "big"/],
  ['a size of 0', changed('600', '0'), /Size/],
  ['no Filename', changed(/^Filename.*\n/m, ''), /Filename/],
  ['a Filename that leaves the archive', changed('pool/o', '../o'), /Filename/],
  ['a NUL byte in the Filename', changed('pool/o', 'pool\0/o'), /NUL/],
  ['no digest', changed(/MD5sum(.|\n)*SHA256.*\n/, ''), /neither SHA256 nor SHA512/],
  ['a digest that is none', changed(sha256, 'abc'), /digests: "abc"/],
  ['words alone', 'nothing of use\nhere', /Package/],
];

for (const [what, text, message] of leftOut) {
  test(`${what}: the package is left out and told`, () => {
    const { taken, odd } = binaries(text);

    assert.equal(taken.length, 0);
    assert.equal(odd.length, 1);
    assert.equal(odd[0]?.isLeftOut, true);
    assert.match(odd[0]?.message ?? '', message);
    assert.match(odd[0]?.message ?? '', /^Packages: .*; left out$/);
  });
}

test('of a repeated field the last counts, as for apt', () => {
  const { taken } = binaries(`${usual}\nVersion: 2.0\nFilename: pool/o/two.deb`);

  assert.equal(taken[0]?.version, '2.0');
  assert.equal(taken[0]?.file.path, 'pool/o/two.deb');
});

test('a line of blanks before the next package separates, one within a text does not', () => {
  const two = binaries(`${usual}\n  \n${usual.replace('odd', 'even')}`);
  const one = binaries(changed(' in two', '   \n in two'));

  assert.deepEqual(
    two.taken.map(({ name }) => name),
    ['odd', 'even'],
  );
  assert.deepEqual([one.taken.length, one.odd.length], [1, 0]);
});

test('paths are normalised without a word', () => {
  const { taken, odd } = binaries(changed('pool/o', '/pool//./o'));

  assert.deepEqual([taken[0]?.file.path, odd], ['pool/o/odd.deb', []]);
});

test('MD5 alone vouches where that is said to be enough, and nothing where nobody asks', () => {
  const weak = changed(/SHA1(.|\n)*SHA256.*\n/, '');
  const none = changed(/MD5sum(.|\n)*SHA256.*\n/, '');

  const counts = [binaries(weak, 'any'), binaries(none, 'any'), binaries(none, 'none')];

  assert.deepEqual(
    counts.map(({ taken }) => taken.length),
    [1, 0, 1],
  );
});

test('SHA512 alone is strong', () => {
  const text = changed(`SHA256: ${sha256}`, `SHA512: ${'a'.repeat(128)}`);

  assert.equal(binaries(text).taken.length, 1);
});

test('a source package with odd lines is taken, one without files left out', () => {
  const usualOne = sources(source);
  const oddOne = sources(source.replace('Directory', 'Uploaders: x\nUploaders: y\nDirectory'));
  const noFiles = sources('Package: odd\nVersion: 1\nDirectory: pool/o');
  const weak = sources(source.replace(/\nChecksums(.|\n)*/, ''));

  assert.deepEqual([usualOne.taken.length, usualOne.odd.length], [1, 0]);
  assert.deepEqual([oddOne.taken.length, oddOne.odd.length], [1, 1]);
  assert.deepEqual([noFiles.taken.length, noFiles.odd[0]?.isLeftOut], [0, true]);
  assert.match(noFiles.odd[0]?.message ?? '', /no file is listed; left out$/);
  assert.match(weak.odd[0]?.message ?? '', /neither SHA256 nor SHA512/);
});
