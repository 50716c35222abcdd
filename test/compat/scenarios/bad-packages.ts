import { gzipSync } from 'node:zlib';
import { archiveOf } from '../../../src/deb/ar.ts';
import { type Files, sourceFiles } from '../../builders/incoming.ts';
import { controlText, dataMember, debOf, formatMember, tarOf } from '../../builders/package-files.ts';
import { armoured } from '../../builders/source-files.ts';
import type { Scenario } from '../../support/oracle/scenario.ts';

const dpkgRefuses = 'A package whose name, version or architecture dpkg would refuse is refused';
const oneParagraph = 'A control file with a field twice or with several paragraphs is refused';
const noData = 'A `.deb` with several control or data archives, or without data, is refused';
const cleanDsc =
  'A `.dsc` with text outside of its signed part, with paths for files, or with contradicting lists';
const hashed = 'Files of a `.dsc` are always hashed';
const notUnpacked = '`repo add` and `repo include` refuse a package with a relation that apt cannot parse';
const goodNames = 'File names may have blanks within as in aptly, but no backslash';

/** A package whose control file has a text in place of another. */
function changed(from: string | RegExp, to: string): Buffer {
  return withControl(controlText.replace(from, to));
}

function withControl(text: string, path = './control'): Buffer {
  const content = gzipSync(tarOf([{ path, content: text }]));
  return debOf({ control: { name: 'control.tar.gz', content } });
}

const good = debOf();
const control = {
  name: 'control.tar.gz',
  content: gzipSync(tarOf([{ path: './control', content: controlText }])),
};

/** Neither takes them. */
const damaged: Files = {
  'bad/empty_1_all.deb': '',
  'bad/header_1_all.deb': good.subarray(0, 40),
  'bad/first_1_all.deb': good.subarray(0, 100),
  'bad/control_1_all.deb': good.subarray(0, 150),
  'bad/nocontrol_1_all.deb': archiveOf([formatMember, dataMember()]),
  'bad/nofile_1_all.deb': withControl(controlText, './other'),
  'bad/absolute_1_all.deb': withControl(controlText, '/control'),
  'bad/above_1_all.deb': withControl(controlText, '../control'),
  'bad/junk_1_all.deb': withControl('no control at all\n'),
  'bad/noname_1_all.deb': changed(/Package.*\n/, ''),
  'bad/emptyname_1_all.deb': changed('foo', ''),
  'bad/noversion_1_all.deb': changed(/Version.*\n/, ''),
  'bad/noarch_1_all.deb': changed(/Architecture.*\n/, ''),
  'bad/text.deb': 'text',
};

/** Aptly takes them. */
const odd: Readonly<Record<string, readonly [content: Buffer, reason: string]>> = {
  nodata: [archiveOf([formatMember, control]), noData],
  blankversion: [changed('1.0-1', '1 0'), dpkgRefuses],
  pathversion: [changed('1.0-1', '1/../../x'), dpkgRefuses],
  pathname: [changed('foo', '../foo'), dpkgRefuses],
  words: [changed('foo', 'two words'), dpkgRefuses],
  patharch: [changed('amd64', '../x'), dpkgRefuses],
  sourcearch: [changed('amd64', 'source'), dpkgRefuses],
  twice: [changed('\n', '\nVersion: 2\n'), oneParagraph],
  paragraphs: [withControl(`${controlText}\nPackage: bar\nVersion: 2\nArchitecture: all\n`), oneParagraph],
};
const oddFiles = Object.fromEntries(
  Object.entries(odd).map(([name, [content]]) => [`${name}_1_all.deb`, content]),
);

const dsc = String(sourceFiles('', '1-1')['/src_1-1.dsc']);
const ofDsc = (folder: string, text: string, diff = 'diff'): Files => ({
  [`${folder}/src_1.orig.tar.gz`]: 'orig',
  [`${folder}/src_1-1.diff.gz`]: diff,
  [`${folder}/src_1-1.dsc`]: text,
});
const zeros = '0'.repeat(64);

/** Package files that are not what they should be: spec/semantics.md 8.1, "Bad input". */
export const badPackageScenarios: readonly Scenario[] = [
  {
    name: 'repo add: damaged .deb files, one by one and together',
    files: damaged,
    steps: [
      'repo create r1',
      ...Object.keys(damaged)
        .slice(0, 9)
        .map((path) => `repo add r1 ${path}`),
      'repo add r1 bad',
      'repo add -remove-files r1 bad',
      'repo add -force-replace r1 bad',
      'repo show -with-packages r1',
    ],
  },
  {
    name: 'repo add: packages that dpkg would refuse',
    files: oddFiles,
    steps: [
      'repo create r1',
      ...Object.entries(odd).map(([name, [, differs]]) => ({
        run: `repo add r1 ${name}_1_all.deb`,
        differs,
      })),
      { run: 'repo show -with-packages r1', differs: dpkgRefuses },
    ],
    leavesOther: { parts: ['objects', 'packages', 'pool'], reason: dpkgRefuses },
  },
  {
    name: 'repo add: control files as few people write them',
    config: { compatibility: { unparseablePackages: true } },
    files: {
      'd/lower_1_all.deb': withControl('package: lower\nversion: 1\narchitecture: all\nDESCRIPTION: x\n'),
      'd/tab_1_all.deb': withControl('Package:\ttab\nVersion:1\nArchitecture: all \n'),
      'e/nonl_1_all.deb': withControl('Package: nonl\nVersion: 1\nArchitecture: all'),
      'd/crlf_1_all.deb': withControl('Package: crlf\r\nVersion: 1\r\nArchitecture: all\r\n'),
      'd/plain_1_all.deb': withControl('Package: plain\nVersion: 1\nArchitecture: all\n', 'control'),
      'd/upper_1_all.deb': withControl('Package: Upper_Case\nVersion: abc\nArchitecture: all\n'),
      'd/claims_1_all.deb': withControl(
        'Package: claims\nVersion: 1\nArchitecture: all\nSize: 5\nFilename: /etc/passwd\nSHA256: y\nX-Odd: 1\nDescription: a\n b\n .\n c\n',
      ),
      'd/pathsource_1_all.deb': changed('Package: foo\n', 'Package: pathsource\nSource: ../x (1\n'),
      'd/newline_1_all.deb': Buffer.concat([changed('foo', 'newline'), Buffer.from('\n')]),
      'd/depends_1_all.deb': withControl(
        'Package: depends\nVersion: 1\nArchitecture: all\nDepends: (((,\n a |\n',
      ),
    },
    steps: [
      'repo create r1',
      'repo add r1 d',
      'repo show -with-packages r1',
      { run: "package show 'Name (% *)'", unordered: true },
      { run: 'repo add r1 e', differs: notUnpacked },
    ],
    leavesOther: { parts: ['objects', 'packages', 'pool'], reason: notUnpacked },
  },
  {
    name: 'repo add: names of files',
    files: {
      'd/name with blank_1_all.deb': changed('foo', 'blank'),
      "d/q'uote_1_all.deb": changed('foo', 'quote'),
      'd/caf\u00e9_1_all.deb': changed('foo', 'cafe'),
      'd/tilde~_1%3a_all.deb': changed('foo', 'tilde'),
      'd/.hidden.deb': changed('foo', 'hidden'),
      'd/x.DEB': changed('foo', 'upper'),
      'o/back\\slash_1_all.deb': changed('foo', 'slash'),
    },
    steps: [
      'repo create r1',
      'repo create r2',
      'repo add r1 d',
      'repo add r1 d/x.DEB',
      'package show -with-files blank',
      'package show -with-files cafe',
      "package search -format='{{.Filename}}'",
      { run: 'repo add r2 o', differs: goodNames },
    ],
    leavesOther: { parts: ['objects', 'packages', 'pool'], reason: goodNames },
  },
  {
    name: 'repo add: a .dsc that neither takes',
    files: {
      ...ofDsc('missing', dsc.replaceAll('diff.gz', 'nope.gz')),
      ...ofDsc('nosource', dsc.replace(/Source: .*\n/, '')),
      ...ofDsc('noversion', dsc.replace(/Version: .*\n/, '')),
      ...ofDsc('junk', 'junk\n'),
      ...ofDsc('cut', dsc.slice(0, dsc.indexOf('Checksums-Sha256') - 30)),
    },
    steps: [
      'repo create r1',
      ...['missing', 'nosource', 'noversion', 'junk'].map((folder) => `repo add r1 ${folder}`),
      { run: 'repo add r1 cut', spec: { exit: 1 } },
      'repo remove r1 Name',
    ],
    leavesOther: { parts: ['pool'], reason: 'A package that `repo add` refuses leaves nothing' },
  },
  {
    name: 'repo add: a .dsc that only aptly takes',
    files: {
      ...ofDsc('digest', dsc.replace(/[0-9a-f]{64} 4 src_1-1.diff/, `${zeros} 4 src_1-1.diff`)),
      ...ofDsc('content', dsc, 'dift'),
      ...ofDsc('above', dsc.replaceAll('src_1-1.diff.gz', '../digest/src_1-1.diff.gz')),
      ...ofDsc('rooted', dsc.replaceAll('src_1-1.diff.gz', '/nope/src_1-1.diff.gz')),
      ...ofDsc('lists', dsc.replace(' 4 src_1-1.diff', ' 5 src_1-1.diff')),
      ...ofDsc('name', dsc.replace('Source: src', 'Source: ../evil')),
      ...ofDsc('version', dsc.replace('Version: 1-1', 'Version: a b')),
      ...ofDsc('outside', `Source: evil\n\n${armoured(dsc)}`),
    },
    steps: [
      'repo create digest',
      { run: 'repo add digest digest', differs: hashed },
      'repo create content',
      { run: 'repo add content content', differs: hashed },
      'repo create above',
      { run: 'repo add above above', differs: cleanDsc },
      'repo create rooted',
      { run: 'repo add rooted rooted', differs: cleanDsc },
      'repo create lists',
      { run: 'repo add lists lists', differs: cleanDsc },
      'repo create name',
      { run: 'repo add name name', differs: dpkgRefuses },
      'repo create version',
      { run: 'repo add version version', differs: dpkgRefuses },
      'repo create outside',
      { run: 'repo add outside outside', differs: cleanDsc },
    ],
    leavesOther: { parts: ['objects', 'packages', 'pool'], reason: cleanDsc },
  },
];
