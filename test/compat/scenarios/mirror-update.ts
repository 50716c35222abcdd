import { richArchive, sourcesOf } from '../../builders/rich-archive.ts';
import type { UpstreamArchive } from '../../builders/upstream-archive.ts';
import { makeArchive } from '../../support/oracle/make-archive.ts';
import type { Scenario, Step } from '../../support/oracle/scenario.ts';
import { firstState, secondState, trusted } from './archives.ts';

const rich = await makeArchive(richArchive());

/** Without SHA1 and SHA512, as Debian lists its packages; its sources with SHA256 alone. */
const sparse = await makeArchive({
  indexes: {},
  fields: { components: ['main'], architectures: ['amd64'] },
  files: {
    'main/binary-amd64/Packages': textOf(firstState, 'main/binary-amd64').replaceAll(/^SHA1: .*\n/gm, ''),
    'main/source/Sources': sourcesOf(['Checksums-Sha256']).index,
  },
  others: { ...poolOf(firstState), ...sourcesOf().files },
});

/** Two descriptions of `lib`: the first counts. */
const contested = 'Of a version that the indexes list several times with different files';
const unlisted = 'An index that Release does not list, of some architecture';

const contradicting = await makeArchive({
  indexes: {
    'main/binary-amd64': { 'lib_1.0_amd64': {}, 'app_1.0_amd64': {}, docs_1_all: {} },
    'universe/binary-amd64': { 'lib_1.0_amd64': { Depends: 'app' }, docs_1_all: {} },
  },
});

const flat = await makeArchive({
  directory: 'flat',
  indexes: { '': { 'app_1.0_amd64': {}, 'app_1.0_i386': {}, docs_1_all: {} } },
  fields: { components: [], architectures: ['amd64', 'i386'] },
  files: { Sources: sourcesOf().index },
});

const flatPlace = new Map([
  ...flat,
  ...filesBelow(flat, 'flat/'),
  ...Object.entries(buffers(sourcesOf().files, 'flat/')),
]);

/** Files come in no particular order. */
function update(words: string): Step {
  return { run: `mirror update ${words}`, unordered: true };
}

const files = trusted;
const upstream = firstState;

/** Section 4.4 of spec/cli.md. */
export const mirrorUpdateScenarios: readonly Scenario[] = [
  {
    name: 'mirror update: first, unchanged, changed, back',
    files,
    upstream,
    steps: [
      'mirror create m {url} xenial',
      update('m'),
      'mirror show -with-packages m',
      update('m'),
      { upstream: secondState },
      update('m'),
      'mirror search m',
      'package search',
      'package show -with-files -with-references app_1.0_amd64',
      'package show -with-files -with-references app_1.1_i386',
      { upstream: firstState },
      update('m'),
      'mirror search m',
    ],
  },
  {
    name: 'mirror update: some components and architectures',
    files,
    upstream,
    steps: [
      'mirror create -architectures=amd64 a {url} xenial main',
      'mirror create -architectures=i386 b {url} xenial universe main',
      update('a'),
      update('b'),
      'package show -with-files docs',
    ],
  },
  {
    name: 'mirror update: sources, udebs and installer images',
    files,
    upstream: rich,
    steps: [
      'mirror create -with-sources -with-udebs -with-installer m {url} xenial',
      update('m'),
      'mirror show -with-packages m',
      'mirror search m',
      'package show -with-files -with-references installer',
      'package show -with-files src_1.0_amd64',
      'package show -with-files src_1.0_source',
      'package show -with-files other',
      'package show disk',
      "package search -format='{{.Package}} {{.Version}} {{.Key}}' installer",
      'snapshot create s from mirror m',
      'snapshot show -with-packages s',
      "snapshot filter s t 'installer | disk'",
      'snapshot diff s t',
      "mirror search m '$PackageType (udeb)'",
      "mirror search m '$PackageType (source)'",
    ],
  },
  {
    name: 'mirror update: with a filter',
    files,
    upstream: rich,
    steps: [
      'mirror create -filter=lib m1 {url} xenial',
      'mirror create -filter=src -filter-with-deps m2 {url} xenial',
      'mirror create -filter=src -with-sources m3 {url} xenial',
      "mirror create -filter='Name (% game*)' -with-sources m4 {url} xenial",
      'mirror create -filter=nothing m5 {url} xenial',
      update('m1'),
      update('m2'),
      update('m3'),
      update('m4'),
      update('m5'),
      'mirror search m3',
      update('-dep-follow-recommends m4'),
      'mirror edit -filter= m1',
      update('m1'),
      'mirror search m1',
    ],
  },
  {
    name: 'mirror update: an archive with few digests',
    files,
    upstream: sparse,
    steps: [
      'mirror create -with-sources m {url} xenial',
      update('m'),
      'package show -with-files app',
      'package show -with-files src',
      update('m'),
      update('-skip-existing-packages m'),
      "package search -format='{{.Key}}'",
    ],
  },
  {
    name: 'mirror update: two packages of one version',
    files,
    upstream: contradicting,
    steps: [
      'mirror create m {url} xenial',
      { run: 'mirror update m', unordered: true, differs: contested },
      { run: 'package show -with-files lib', differs: contested },
    ],
    leavesOther: { parts: ['objects', 'packages', 'pool'], reason: contested },
  },
  {
    name: 'mirror update: a flat archive',
    files,
    upstream: flatPlace,
    steps: [
      'mirror create -with-sources m {url}flat/ ./',
      update('m'),
      'mirror show -with-packages m',
      'mirror create -architectures=amd64 -filter=src n {url} flat/',
      'mirror update n',
      'mirror create -ignore-signatures o {url} flat/',
      update('-ignore-signatures o'),
    ],
  },
  {
    name: 'mirror update: packages that are taken over',
    files,
    upstream,
    steps: [
      'mirror create m {url} xenial',
      update('-skip-existing-packages m'),
      update('-skip-existing-packages m'),
      { upstream: secondState },
      update('-skip-existing-packages m'),
      'mirror search m',
    ],
  },
  {
    name: 'mirror update: files that the archive lacks',
    files,
    upstream: without(firstState, /app|docs/),
    steps: [
      'mirror create m {url} xenial',
      {
        run: 'mirror update m',
        unordered: true,
        errorBegins: 'unable to update: download errors:\n  HTTP code 404 while fetching',
      },
      'mirror show m',
      'mirror search m',
      { upstream: firstState },
      update('m'),
      'mirror search m',
    ],
  },
  {
    name: 'mirror update: indexes that the archive lacks or does not list',
    files,
    upstream: without(firstState, /universe.*Packages/),
    config: { downloadRetries: 0 },
    steps: [
      'mirror create m {url} xenial',
      { run: 'mirror update m', errorBegins: 'unable to update: HTTP code 404 while fetching' },
      'mirror create -force-architectures -architectures=armhf n {url} xenial',
      'mirror update n',
      'mirror create -force-components o {url} xenial nope',
      'mirror update o',
      'mirror create -with-udebs p {url} xenial main',
      { run: 'mirror update p', differs: unlisted },
    ],
    leavesOther: { parts: ['objects', 'packages', 'pool'], reason: unlisted },
  },
  {
    name: 'mirror update: one that aptly made, adopted',
    files,
    upstream: rich,
    adopted: [
      'mirror create -with-sources -with-udebs -with-installer m {url} xenial',
      'mirror update m',
      'snapshot create s from mirror m',
    ],
    steps: [
      update('m'),
      'mirror show -with-packages m',
      'snapshot create t from mirror m',
      'snapshot diff s t',
      'package search',
      'package show -with-files installer',
    ],
  },
  {
    name: 'mirror update: flags that change nothing here',
    files,
    upstream,
    steps: [
      'mirror create -ignore-signatures m {url} xenial main',
      update(
        '-ignore-signatures -keyring=trustedkeys.gpg -force -max-tries=2 -download-limit=5000 -architectures=i386 m',
      ),
      'mirror show m',
      {
        run: 'mirror update -latest -downloader=grab -ignore-checksums -ignore-signatures m',
        spec: { exit: 0, error: '' },
      },
    ],
  },
  {
    name: 'mirror update: errors',
    files,
    upstream,
    steps: [
      'mirror update nope',
      'mirror create m {url} xenial',
      { run: 'mirror update', usage: true },
      { run: 'mirror update m m', usage: true },
      { run: 'mirror update -max-tries=many m', usage: true },
      { upstream: new Map() },
      { run: 'mirror update m', errorBegins: 'unable to update: HTTP code 404 while fetching' },
      'mirror list',
    ],
  },
];

function textOf(archive: UpstreamArchive, folder: string): string {
  return String(archive.get(`dists/xenial/${folder}/Packages`));
}

function poolOf(archive: UpstreamArchive): Readonly<Record<string, Buffer>> {
  return Object.fromEntries([...archive].filter(([path]) => path.startsWith('pool/')));
}

function without(archive: UpstreamArchive, paths: RegExp): UpstreamArchive {
  return new Map([...archive].filter(([path]) => !paths.test(path)));
}

function filesBelow(archive: UpstreamArchive, directory: string): readonly (readonly [string, Buffer])[] {
  return [...archive]
    .filter(([path]) => path.startsWith('pool/'))
    .map(([path, bytes]) => [directory + path, bytes]);
}

function buffers(
  files: Readonly<Record<string, string>>,
  directory: string,
): Readonly<Record<string, Buffer>> {
  return Object.fromEntries(
    Object.entries(files).flatMap(([path, text]) => [
      [path, Buffer.from(text)],
      [directory + path, Buffer.from(text)],
    ]),
  );
}
