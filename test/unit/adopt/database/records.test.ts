import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  readChecksums,
  readMirror,
  readPublication,
  readReferenceList,
  readRepo,
  readSnapshot,
} from '../../../../src/adopt/database/records.ts';
import { packed } from '../../../builders/msgpack.ts';

const time = Buffer.from('63728be06b029bdc', 'hex');

describe('readMirror', () => {
  test('reads all fields', () => {
    const value = packed({
      UUID: 'u',
      Name: 'm',
      ArchiveRoot: 'http://archive/',
      Distribution: 'xenial',
      Components: ['main'],
      Architectures: ['amd64', 'i386'],
      Meta: { Origin: 'Ubuntu' },
      LastDownloadDate: time,
      Filter: 'nginx',
      Status: 1,
      WorkerPID: 70_000,
      FilterWithDeps: true,
      SkipComponentCheck: false,
      DownloadUdebs: true,
      AppStreamFiles: { 'main/dep11/x': 'aa/bb/x' },
      ReleaseFiles: { ignored: { Size: 1 } },
    });

    const mirror = readMirror(value, 'Ru');

    assert.deepEqual(mirror, {
      uuid: 'u',
      name: 'm',
      archiveRoot: 'http://archive/',
      distribution: 'xenial',
      components: ['main'],
      architectures: ['amd64', 'i386'],
      meta: new Map([['Origin', 'Ubuntu']]),
      lastDownload: { at: new Date(1_795_333_084_417), nanoseconds: 417_112_824 },
      filter: 'nginx',
      filterWithDeps: true,
      updating: true,
      workerPid: 70_000,
      skipComponentCheck: false,
      skipArchitectureCheck: false,
      downloadSources: false,
      downloadUdebs: true,
      downloadInstaller: false,
      downloadAppStream: false,
      appStreamFiles: new Map([['main/dep11/x', 'aa/bb/x']]),
    });
  });

  test('takes the missing distribution of a flat mirror for ./', () => {
    const mirror = readMirror(packed({ UUID: 'u', Name: 'm', Components: undefined }), 'Ru');

    assert.equal(mirror.distribution, './');
    assert.deepEqual(mirror.components, []);
    assert.equal(mirror.lastDownload, undefined);
  });

  test('reads text that is no UTF-8', () => {
    const mirror = readMirror(packed({ Name: Buffer.from([0x61, 0xff]) }), 'Ru');

    assert.equal(mirror.name, 'a\ufffd');
  });

  const wrong: readonly (readonly [string, Buffer, RegExp])[] = [
    ['a text that is a number', packed({ Name: 1 }), /^Ru: malformed record: Name is not a text$/],
    [
      'a list that is a text',
      packed({ Components: 'main' }),
      /^Ru: malformed record: Components is not a list$/,
    ],
    ['a list of numbers', packed({ Components: [1] }), /Components is not a list of texts/],
    ['a boolean that is a text', packed({ FilterWithDeps: 'yes' }), /FilterWithDeps is not a boolean/],
    ['a number that is a text', packed({ Status: 'busy' }), /Status is not an integer/],
    ['a map that is a text', packed({ Meta: 'x' }), /^Ru: Meta: malformed record: it is no map/],
    ['no map at all', packed(['x']), /^Ru: malformed record: it is no map/],
    [
      'truncated bytes',
      packed({ Name: 'long enough' }).subarray(0, -1),
      /^Ru: malformed record: it ends early/,
    ],
  ];
  for (const [name, value, message] of wrong) {
    test(`refuses ${name}`, () => {
      assert.throws(() => readMirror(value, 'Ru'), { code: 'E_CATALOG', message });
    });
  }
});

describe('readRepo', () => {
  test('reads uploaders', () => {
    const value = packed({
      UUID: 'u',
      Name: 'r',
      Comment: 'c',
      Uploaders: {
        groups: { g: ['k1'] },
        rules: [{ condition: 'Source (x)', allow: ['g'], deny: undefined }],
      },
    });

    const repo = readRepo(value, 'Lu');

    assert.deepEqual(repo.uploaders, {
      groups: new Map([['g', ['k1']]]),
      rules: [{ condition: 'Source (x)', allow: ['g'], deny: null }],
    });
    assert.equal(repo.defaultDistribution, '');
  });
});

describe('readSnapshot', () => {
  test('names the kinds of sources as espejo does', () => {
    const kinds = ['repo', 'local', 'snapshot'].map(
      (kind) => readSnapshot(packed({ SourceKind: kind, SourceIDs: ['a'] }), 'Su').sourceKind,
    );

    assert.deepEqual(kinds, ['mirror', 'repo', 'snapshot']);
  });

  test('refuses another kind', () => {
    assert.throws(() => readSnapshot(packed({ SourceKind: 'x' }), 'Su'), {
      code: 'E_CATALOG',
      message: /^Su: /,
    });
  });
});

describe('readPublication', () => {
  test('reads the form before 0.6, of one component and one snapshot', () => {
    const value = packed({ UUID: 'u', Prefix: '.', Distribution: 'd', Component: 'main', SnapshotUUID: 's' });

    const publication = readPublication(value, 'U.>>d');

    assert.equal(publication.sourceKind, 'snapshot');
    assert.deepEqual(publication.sources, new Map([['main', 's']]));
    assert.equal(publication.staged, undefined);
  });

  test('reads sources and staged changes', () => {
    const value = packed({
      SourceKind: 'local',
      Sources: { main: 'r' },
      Component: '',
      Revision: { Sources: { main: 'name' } },
    });

    const publication = readPublication(value, 'U.>>d');

    assert.equal(publication.sourceKind, 'repo');
    assert.deepEqual(publication.sources, new Map([['main', 'r']]));
    assert.deepEqual(publication.staged, new Map([['main', 'name']]));
  });
});

describe('readReferenceList', () => {
  const empty: readonly Buffer[] = [packed({ Refs: [] }), packed({ Refs: undefined }), packed({})];
  for (const value of empty) {
    test(`reads the empty list ${value.toString('hex')}`, () => {
      const keys = readReferenceList(value, 'Eu');

      assert.deepEqual(keys, []);
    });
  }
});

describe('readChecksums', () => {
  test('leaves out what is not known', () => {
    const facts = readChecksums(packed({ Size: 3_000_000_000, MD5: 'A'.repeat(32), SHA1: '' }), 'Cx');

    assert.deepEqual(facts, { size: 3_000_000_000, digests: { md5: 'a'.repeat(32) } });
  });

  for (const [value, message] of [
    [{ Size: -1 }, /Size is not a size/],
    [{ Size: 1, SHA256: 'abc' }, /SHA256 is not a SHA256 checksum/],
  ] as const) {
    test(`refuses ${JSON.stringify(value)}`, () => {
      assert.throws(() => readChecksums(packed(value), 'Cx'), { code: 'E_CATALOG', message });
    });
  }
});
