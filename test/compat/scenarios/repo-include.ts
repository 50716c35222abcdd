import { debFile, type Files, sourceFiles } from '../../builders/incoming.ts';
import {
  changesText,
  clearsigned,
  keyIdOf,
  keyring,
  signedUpload,
  uploadLists,
  uploadOf,
} from '../../builders/uploads.ts';
import type { Scenario } from '../../support/oracle/scenario.ts';

const deb = 'app_1.0_amd64.deb';
const app: Files = { [deb]: await debFile('app_1.0_amd64') };
const text = changesText(app);
const signed = await clearsigned(text);
const key = await keyIdOf();

const keys: Files = {
  'home/.gnupg/trustedkeys.gpg': await keyring('uploader'),
  'stranger.gpg': await keyring('stranger'),
  'both.gpg': await keyring('uploader', 'stranger'),
};

const outside = 'An upload says nothing outside of its signed part';
const kept = 'Of an upload of which a file fails, nothing is deleted';
const nothingLeft = 'A package that `repo add` refuses leaves nothing';
const plainNames = 'Names in a `.changes` file that are paths are refused';

/** Section 5.8 of spec/cli.md: which uploads are believed, and where they go. */
export const repoIncludeScenarios: readonly Scenario[] = [
  {
    name: 'repo include: unsigned uploads',
    files: { ...keys, ...uploadOf('up', app, text) },
    steps: [
      'repo create r1',
      'repo include up',
      'repo include -accept-unsigned -no-remove-files up',
      'repo include -accept-unsigned up/app.changes',
      'repo include -accept-unsigned up/app.changes',
      'repo include -accept-unsigned up',
      'repo include',
    ],
  },
  {
    name: 'repo include: an upload by a known key, and what is deleted',
    files: {
      ...keys,
      ...(await signedUpload('up', { ...app, 'app_1.0_amd64.buildinfo': 'b', 'app.txt': 't' })),
    },
    steps: [
      'repo create r1',
      'repo include -no-remove-files up',
      'repo show -with-packages r1',
      'repo include up',
      'repo include up/app.changes',
      `repo add r1 up/${deb}`,
      'repo add r1 up/app_1.0_amd64.buildinfo',
      'repo add r1 up/app.txt',
    ],
  },
  {
    name: 'repo include: keyrings, strangers, no verification',
    files: {
      ...keys,
      ...(await signedUpload('up', app)),
      ...uploadOf('other', app, await clearsigned(text, 'stranger')),
    },
    steps: [
      'repo create r1',
      'repo include -no-remove-files other',
      'repo include -no-remove-files -keyring={cwd}/stranger.gpg up other',
      { run: 'repo include -no-remove-files -keyring={cwd}/nope.gpg up', spec: { exit: 1 } },
      'repo remove r1 Name',
      'repo include -no-remove-files -ignore-signatures other',
      'repo include -ignore-signatures=false -accept-unsigned other',
      'repo include -keyring={cwd}/both.gpg up other',
    ],
  },
  {
    name: 'repo include: gpgDisableVerify',
    files: { ...keys, ...uploadOf('other', app, await clearsigned(text, 'stranger')) },
    config: { gpgDisableVerify: true },
    steps: [
      'repo create r1',
      'repo include -ignore-signatures=false other',
      { run: 'repo include -no-remove-files other', spec: { exit: 0 } },
      'repo include -ignore-signatures other',
      'repo show -with-packages r1',
    ],
  },
  {
    name: 'repo include: altered and damaged armour',
    files: {
      ...keys,
      ...uploadOf('altered', app, signed.replace('Urgency: medium', 'Urgency: high')),
      ...uploadOf('cut', app, signed.slice(0, -300)),
      ...uploadOf('empty', app, ''),
      ...uploadOf('junk', app, 'junk\n'),
    },
    steps: [
      'repo create r1',
      'repo include altered',
      { run: 'repo include cut', spec: { exit: 1 } },
      { run: 'repo include -accept-unsigned cut', spec: { exit: 1 } },
      'repo include empty',
      'repo include junk',
      { run: 'repo include -accept-unsigned junk', spec: { exit: 1 } },
    ],
  },
  {
    name: 'repo include: text outside of the armour',
    files: {
      ...keys,
      ...uploadOf('before', app, `Distribution: evil\n\n${signed}`),
      ...uploadOf('behind', app, `${signed}Distribution: evil\n`),
      ...uploadOf('twice', app, signed + signed),
    },
    steps: [
      'repo create r1',
      { run: 'repo include before', differs: outside },
      { run: 'repo include behind', differs: outside },
      { run: 'repo include twice', spec: { exit: 1 } },
    ],
    leavesOther: { parts: ['objects', 'packages', 'pool', 'files'], reason: outside },
  },
  {
    name: 'repo include: files that are not what is signed',
    files: {
      ...keys,
      ...uploadOf('digest', { [deb]: flipped(Buffer.from(app[deb] ?? '')) }, signed),
      ...uploadOf('size', { [deb]: `${app[deb]}x` }, signed),
      ...uploadOf('gone', {}, signed),
      ...(await signedUpload('nolist', app, { lists: uploadLists(app).replace('-Sha256', '-Sha9') })),
      ...(await signedUpload('twice', app, { lists: doubled(uploadLists(app)) })),
    },
    steps: [
      'repo create r1',
      'repo include digest',
      'repo include size',
      'repo include gone',
      { run: 'repo include nolist', spec: { exit: 1, error: 'ERROR: some files failed to be added' } },
      'repo include twice',
    ],
  },
  {
    name: 'repo include: names that are paths',
    files: {
      ...keys,
      ...(await signedUpload('rooted', app, { lists: uploadLists({ [`/etc/${deb}`]: app[deb] ?? '' }) })),
      ...(await signedUpload('above', app, { lists: uploadLists({ [`../${deb}`]: app[deb] ?? '' }) })),
    },
    steps: [
      'repo create r1',
      { run: 'repo include rooted', differs: plainNames },
      { run: 'repo include above', differs: plainNames },
    ],
    leavesOther: { parts: ['objects', 'packages', 'pool', 'files'], reason: plainNames },
  },
  {
    name: 'repo include -repo: templates over the fields',
    files: {
      ...keys,
      ...(await signedUpload('up', app, { distribution: 'nope' })),
      ...uploadOf('lower', app, await clearsigned(text.replace('Distribution', 'dISTRIBUTION'))),
      ...uploadOf('none', app, await clearsigned(text.replace('Distribution: r1\n', ''))),
    },
    steps: [
      'repo create r1',
      'repo create app-amd64',
      'repo include -no-remove-files up',
      'repo include -no-remove-files -repo=r1 up',
      "repo include -no-remove-files -repo='{{.Source}}-{{.Architecture}}' up",
      `repo include -no-remove-files -repo='{{if eq .Urgency "medium"}}r1{{else}}x{{end}}' up`,
      `repo include -no-remove-files -repo='{{index . "No-Such"}}' up`,
      "repo include -no-remove-files -repo='{{len .Changes}} {{len .Files}} {{len .Description}}' up",
      'repo include -no-remove-files lower',
      'repo include -no-remove-files none',
      { run: "repo include -repo='{{.Source' up", errorBegins: 'error parsing -repo template: ' },
      'repo show -with-packages app-amd64',
    ],
  },
  {
    name: 'repo include: only what the upload declares',
    files: {
      ...keys,
      ...(await signedUpload(
        'up',
        {
          ...app,
          'app-dbgsym_1.0_amd64.ddeb': await debFile('app-dbgsym_1.0_amd64', { fields: { Source: 'app' } }),
          'app-doc_1.0_all.deb': await debFile('app-doc_1.0_all', { fields: { Source: 'app' } }),
        },
        { binary: 'app app-doc' },
      )),
      ...(await signedUpload('more', { 'evil_1.0_amd64.deb': await debFile('evil_1.0_amd64') })),
      ...(await signedUpload('arch', { 'app_1.0_i386.deb': await debFile('app_1.0_i386') })),
      ...(await signedUpload('symbols', {
        'app-dbgsym_1.0_amd64.deb': await debFile('app-dbgsym_1.0_amd64', { fields: { Source: 'evil' } }),
      })),
      ...(await signedUpload('source', bare(sourceFiles('', '1-1')), { architecture: 'amd64' })),
    },
    steps: [
      'repo create r1',
      'repo include up',
      'repo include -no-remove-files more',
      'repo include -no-remove-files arch',
      'repo create r2',
      'repo include -no-remove-files -repo=r2 symbols',
      'repo include -no-remove-files source',
      'repo show -with-packages r1',
    ],
    leavesOther: { parts: ['pool'], reason: nothingLeft },
  },
  {
    name: 'repo include: a source, then its next revision without the original',
    files: {
      ...keys,
      ...(await signedUpload('one', bare(sourceFiles('', '1-1')), { source: 'src', architecture: 'source' })),
      ...(await signedUpload('two', bare(sourceFiles('', '1-2'), 'src_1.orig.tar.gz'), {
        source: 'src',
        architecture: 'source',
      })),
      ...(await signedUpload('three', bare(sourceFiles('', '3-1'), 'src_3.orig.tar.gz'), {
        source: 'src',
        architecture: 'source',
      })),
    },
    steps: ['repo create r1', 'repo include -no-remove-files one two three', 'repo show -with-packages r1'],
    leavesOther: { parts: ['pool'], reason: nothingLeft },
  },
  {
    name: 'repo include: conflicts, by force',
    files: {
      ...keys,
      ...(await signedUpload('one', app)),
      ...(await signedUpload('two', { [deb]: await debFile('app_1.0_amd64', { content: 'other' }) })),
    },
    steps: [
      'repo create r1',
      'repo include one',
      'repo include -no-remove-files two',
      "repo search -format='{{.Key}}' r1",
      'repo include -force-replace two',
      "repo search -format='{{.Key}}' r1",
    ],
  },
  {
    name: 'repo include: an upload of which one file fails',
    files: {
      ...keys,
      ...(await signedUpload('up', { ...app, 'bad_1.0_amd64.deb': 'broken' }, { binary: 'app bad' })),
    },
    steps: [
      'repo create r1',
      'repo include up',
      'repo show -with-packages r1',
      { run: 'repo include up', differs: kept },
    ],
    leavesOther: { parts: ['files'], reason: kept },
  },
  {
    name: 'repo include: folders, several uploads, other files',
    files: {
      ...keys,
      ...(await signedUpload('up/b', app)),
      ...(await signedUpload(
        'up/a/deep',
        { 'lib_1.0_amd64.deb': await debFile('lib_1.0_amd64') },
        { source: 'lib', distribution: 'r2' },
      )),
      'up/readme.txt': 'text',
    },
    steps: [
      'repo create r1',
      'repo create r2',
      'repo include -no-remove-files up',
      'repo include -no-remove-files up up/b/app.changes nope up/readme.txt',
      'repo include up',
      'repo include up',
      'repo show -with-packages r2',
    ],
  },
];

const source = '{"condition": "Source (app)", ';
const rule = (rest: string): string => `{"rules": [${source}${rest}}]}`;

const rules: Files = {
  'star.json': rule('"allow": ["*"]'),
  'key.json': rule(`"allow": ["${key}"], "deny": []`),
  'short.json': rule(`"allow": ["${key.slice(-8)}"]`),
  'lower.json': rule(`"allow": ["${key.toLowerCase()}"]`),
  'denied.json': rule(`"allow": ["*"], "deny": ["${key}"]`),
  'nobody.json': rule('"allow": ["*"], "deny": ["*"]'),
  'other.json': '{"rules": [{"condition": "Source (lib)", "allow": ["*"]}]}',
  'empty.json': '{}',
  'norules.json': '{"groups": {"a": null}, "rules": []}',
  'groups.json': `{"groups": {"a": ["b", "c"], "b": ["a", "${key}"], "c": ["c"]}, ${rule('"allow": ["a"]').slice(1)}`,
  'loop.json': `{"groups": {"a": ["b"], "b": ["a"]}, ${rule('"allow": ["a"]').slice(1)}`,
  'later.json': `{"rules": [${source}"allow": ["AAAA"]}, {"condition": "Distribution (% r*), Changes (~ New)", "ALLOW": ["*"]}]}`,
  'first.json': `{"rules": [${source}"deny": ["${key.slice(-8)}"]}, {"condition": "Source", "allow": ["*"]}]}`,
  'never.json':
    '{"rules": [{"condition": "app | $Source (app) | $Version (>= 0) | app_1.0_amd64", "allow": ["*"]}]}',
  'not.json': '{"rules": [{"condition": "!app, !$Architecture (amd64), !Nope", "allow": ["*"]}]}',
};

const uses = Object.keys(rules).map((file) => `repo include -no-remove-files -uploaders-file=${file} up`);

/** Semantics 8.4: who may upload what. */
export const uploadersScenarios: readonly Scenario[] = [
  {
    name: 'repo include -uploaders-file: rules that let in, deny, or say nothing',
    files: { ...keys, ...rules, ...(await signedUpload('up', app)) },
    steps: ['repo create r1', ...uses],
  },
  {
    name: 'repo include -uploaders-file: unsigned and unverified uploads have no key',
    files: { ...keys, ...rules, ...(await signedUpload('up', app)), ...uploadOf('plain', app, text) },
    steps: [
      'repo create r1',
      'repo include -accept-unsigned -uploaders-file=star.json plain',
      'repo include -accept-unsigned -uploaders-file=denied.json plain',
      'repo include -ignore-signatures -uploaders-file=star.json up',
      'repo include -ignore-signatures -uploaders-file=key.json up',
      { run: 'repo include -uploaders-file=nope.json up', errorBegins: 'error loading uploaders file: ' },
    ],
  },
  {
    name: 'repo include: the rules of the repository count, not those of the command',
    files: { ...keys, ...rules, ...(await signedUpload('up', app)) },
    steps: [
      'repo create -uploaders-file=other.json r1',
      'repo include -no-remove-files up',
      'repo include -no-remove-files -uploaders-file=star.json up',
      'repo edit -uploaders-file=groups.json r1',
      'repo show r1',
      'repo include -no-remove-files -uploaders-file=other.json up',
      'repo edit -uploaders-file=empty.json r1',
      'repo include -no-remove-files -uploaders-file=star.json up',
      'repo show r1',
      'repo edit -uploaders-file=norules.json r1',
      'repo show r1',
      'repo edit -uploaders-file=key.json r1',
      'repo show r1',
      'repo edit -uploaders-file=later.json r1',
      'repo show r1',
      "repo edit -uploaders-file='' r1",
      'repo include -uploaders-file=other.json up',
      'repo show r1',
    ],
  },
  {
    name: 'repo show: uploaders that an adopted repository has',
    files: { ...rules },
    adopted: [
      'repo create -uploaders-file={cwd}/key.json k',
      'repo create -uploaders-file={cwd}/groups.json g',
      'repo create -uploaders-file={cwd}/empty.json e',
      'repo create -uploaders-file={cwd}/norules.json n',
    ],
    steps: ['repo show k', 'repo show g', 'repo show e', 'repo show n'],
  },
];

function flipped(bytes: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, -1), Buffer.from([(bytes.at(-1) ?? 0) ^ 1])]);
}

/** Every line of lists of one file twice. */
function doubled(lists: string): string {
  return lists.replaceAll(/^ .*\n/gm, '$&$&');
}

/** Files of the folder '' without those that do not come along. */
function bare(files: Files, ...without: readonly string[]): Files {
  const named = Object.entries(files).map(([path, content]) => [path.slice(1), content] as const);
  return Object.fromEntries(named.filter(([name]) => !without.includes(name)));
}
