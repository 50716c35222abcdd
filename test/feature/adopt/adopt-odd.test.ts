import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { before, describe, test } from 'node:test';
import type { Entry } from '../../../src/adopt/database/leveldb/entry.ts';
import { db } from '../../../src/cli/aptly/db.ts';
import { mirror as mirrorCommands } from '../../../src/cli/aptly/mirror.ts';
import { packages as packageCommands } from '../../../src/cli/aptly/package.ts';
import { publish } from '../../../src/cli/aptly/publish.ts';
import { snapshot } from '../../../src/cli/aptly/snapshot.ts';
import { digestsOf, sha256Hex } from '../../../src/core/digest.ts';
import { listEntry, uuids } from '../../builders/aptly-records.ts';
import { put, writeLevelDb } from '../../builders/leveldb.ts';
import { type Packable, packed } from '../../builders/msgpack.ts';
import { invoke } from '../../support/invoke.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const [repoId = '', mirrorId = '', snapshotId = ''] = uuids;

type OddPackage = {
  readonly name: string;
  readonly version?: string;
  readonly architecture?: string;
  readonly extra?: Readonly<Record<string, string>>;
  /** Replaces what is on record of its file. */
  readonly file?: Readonly<Record<string, Packable>>;
};

const packages: readonly OddPackage[] = [
  { name: 'comment', extra: { '#pre-Depends': 'x', Homepage: 'h' } },
  { name: 'my package', version: '1 2' },
  { name: '' },
  { name: 'unversioned', version: '' },
  { name: 'nowhere', architecture: '' },
  { name: 'climber', architecture: '../amd64' },
  { name: 'sizeless', file: { Checksums: { Size: 0 } } },
  { name: 'leaving', file: { PoolPath: '../../etc/passwd' } },
  { name: 'plain' },
];

const content = (name: string): Buffer => Buffer.from(`file of ${name}`);

function keyOf({ name, version = '1', architecture = 'amd64' }: OddPackage): string {
  return `P${architecture} ${name} ${version} 0badcafe`;
}

function entriesOf(one: OddPackage): readonly Entry[] {
  const { name, version = '1', architecture = 'amd64', extra = {}, file = {} } = one;
  const { size, digests } = digestsOf(content(name), ['md5', 'sha256']);
  const header = { Name: name, Version: version, Architecture: architecture, FilesHash: 0x0badcafen };
  const record = {
    Filename: `${name}.deb`,
    Checksums: { Size: size, MD5: digests.md5, SHA256: digests.sha256 },
    PoolPath: poolPathOf(name),
    ...file,
  };
  const key = keyOf(one);
  return [
    put(1, key, Buffer.concat([Buffer.from([0xc1, 0x01]), packed(header)])),
    put(1, `xF${key}`, packed([record])),
    put(1, `xD${key}`, packed({})),
    put(1, `xE${key}`, packed({ Description: ' x\n', ...extra })),
  ];
}

function poolPathOf(name: string): string {
  const { sha256 = '' } = digestsOf(content(name), ['sha256']).digests;
  return `${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256.slice(4, 32)}_${name}.deb`;
}

/** Go's binary form: 2014-06-28 01:23:23.037303907 four hours east of Greenwich. */
const written = Buffer.alloc(15);
written.writeUInt8(1, 0);
written.writeBigInt64BE(62_135_596_800n + BigInt(Date.UTC(2014, 5, 27, 21, 23, 23) / 1000), 1);
written.writeUInt32BE(37_303_907, 9);
written.writeInt16BE(240, 13);

describe('odd packages of an aptly database', () => {
  let directory: string;
  let config: string;
  let imported: Awaited<ReturnType<typeof invoke>>;

  before(async () => {
    directory = temporaryDirectory('adopt-odd');
    config = join(directory, 'espejo.json');
    await writeFile(config, JSON.stringify({ rootDir: directory, gpgDisableSign: true }));
    for (const { name } of packages) {
      const path = join(directory, 'pool', poolPathOf(name));
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content(name));
    }
    const keys = packages.map(keyOf).sort();
    await writeLevelDb(join(directory, 'db'), {
      tables: [
        [
          ...packages.flatMap(entriesOf),
          put(1, `L${repoId}`, packed({ UUID: repoId, Name: 'odd' })),
          listEntry(repoId, [...keys, 'Pamd64 gone 1 0badcafe']),
          put(1, `R${mirrorId}`, packed({ UUID: mirrorId, Name: 'old', LastDownloadDate: written })),
          put(
            1,
            `S${snapshotId}`,
            packed({ UUID: snapshotId, Name: 's', SourceKind: 'local', CreatedAt: written }),
          ),
        ],
      ],
    });
    imported = await invoke(db['import-aptly'], { config });
  });

  test('come over, counted and told by their keys', () => {
    const warnings = imported.events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));

    assert.match(imported.stdout, /^Odd packages, taken over as they are: 8\.$/m);
    assert.match(imported.stdout, /^Package files in the pool: 9; missing: 0\.$/m);
    for (const one of packages.slice(0, -1)) {
      const start = `package ${keyOf(one).slice(1)}: `;
      assert.equal(warnings.filter((text) => text.startsWith(start)).length, 1, start);
    }
    assert.ok(warnings.some((text) => text.includes('one package is not in the database and left out')));
  });

  test('have the keys, names, versions and architectures of aptly', async () => {
    const format = '{{.Key}}|{{.Package}}|{{.Version}}|{{.Architecture}}';

    const { stdout } = await invoke(packageCommands.search, { config, flags: { format } });

    const expected = packages.map((one) => {
      const { name, version = '1', architecture = 'amd64' } = one;
      return `${keyOf(one)}|${name}|${version}|${architecture}`;
    });
    assert.deepEqual(stdout.trimEnd().split('\n').toSorted(), expected.toSorted());
  });

  test('are shown with all their fields', async () => {
    const { stdout } = await invoke(packageCommands.show, { config, args: ['comment'] });

    assert.match(stdout, /^#pre-Depends: x$/m);
  });

  test('are published but for those that apt cannot use, and without what is no field', async () => {
    await invoke(snapshot.create, { config, args: ['shot', 'from', 'repo', 'odd'] });
    const { events } = await invoke(publish.snapshot, {
      config,
      args: ['shot'],
      flags: { distribution: 'odd', 'skip-signing': true },
    });

    const index = await readFile(join(directory, 'public/dists/odd/main/binary-amd64/Packages'), 'utf8');
    const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
    assert.deepEqual(
      index.split('\n').filter((line) => line.startsWith('Package:')),
      ['comment', 'leaving', 'my package', 'plain', 'sizeless'].map((name) => `Package: ${name}`),
    );
    assert.match(index, /^Homepage: h$/m);
    assert.doesNotMatch(index, /^#/m);
    assert.ok(warnings.some((text) => text.includes('_1_amd64: Package: it is empty')));
    assert.ok(warnings.some((text) => text.includes('unversioned__amd64: Version: it is empty')));
  });

  test('do not cost times their nanoseconds and zone', async () => {
    const mirror = await invoke(mirrorCommands.show, { config, args: ['old'] });
    const json = await invoke(mirrorCommands.show, { config, args: ['old'], flags: { json: true } });
    const snapshots = await invoke(snapshot.list, { config, flags: { json: true } });

    assert.match(mirror.stdout, /^Last update: 2014-06-28 01:23:23 \+0400$/m);
    assert.match(json.stdout, /"LastDownloadDate": "2014-06-28T01:23:23\.037303907\+04:00"/);
    assert.match(snapshots.stdout, /"CreatedAt": "2014-06-28T01:23:23\.037303907\+04:00"/);
  });

  test('are known as they came also by catalogs that had aptly’s words for what things are made of', () => {
    const catalog = new DatabaseSync(join(directory, 'db/espejo.db'), { readOnly: true });
    const row = catalog
      .prepare("SELECT record FROM objects WHERE kind = 'snapshot' AND uuid = ?")
      .get(snapshotId);
    catalog.close();

    const { adopted, ...snapshotAsItCame } = JSON.parse(String(row?.['record']));

    assert.equal(snapshotAsItCame.sourceKind, 'repo');
    assert.equal(adopted, sha256Hex(JSON.stringify({ ...snapshotAsItCame, sourceKind: 'local' })));
  });
});
