import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestsOf } from '../../src/core/digest.ts';
import { buildDeb, type DebSpec } from '../../src/deb/build-deb.ts';
import { buildArchive } from '../../src/demo/archive.ts';
import type { Signer } from '../../src/openpgp/contract.ts';
import type { AptlyRoot } from '../support/aptly.ts';

/** Two mirrored suites and a flat archive of which only the Release file is there. */
export async function twoSuitesAndFlat(): Promise<ReadonlyMap<string, Buffer>> {
  const archive = await buildArchive(
    {
      origin: 'Upstream',
      codename: 'xenial',
      architectures: ['amd64', 'i386'],
      date: new Date('2016-04-21T00:00:00Z'),
      suites: [
        {
          name: 'xenial',
          components: {
            main: [
              deb('hello', '2.10-1', 'amd64', { Depends: 'libhello (>= 2)' }),
              deb('libhello', '2.10-1', 'amd64'),
            ],
            universe: [
              deb('hello', '2.10-1', 'i386'),
              deb('data', '1', 'all', { Provides: 'info, facts (= 2)' }),
            ],
          },
        },
      ],
    },
    unsigned,
  );
  const flat = Buffer.from('Origin: Flat\nArchitectures: amd64\nSHA256:\n');
  return new Map([...archive, ['flat/Release', flat]]);
}

/** Signatures are not what is tested here, and aptly is told to ignore them. */
const unsigned: Signer = {
  fingerprints: [],
  primaryFingerprints: [],
  warnings: [],
  publicKey: { armored: '', binary: Buffer.alloc(0) },
  clearsign: async (content) => content,
  detachSign: async () => Buffer.alloc(0),
};

function deb(name: string, version: string, architecture: string, more: DebSpec['control'] = {}): DebSpec {
  const control = {
    Package: name,
    Version: version,
    Architecture: architecture,
    Maintainer: 'Zoë <z@example.org>',
    Description: `the package ${name}`,
    ...more,
  };
  return { control, files: { [`usr/bin/${name}`]: name, [`etc/${name}.conf`]: 'x' } };
}

const localDebs: readonly DebSpec[] = [
  deb('local-a', '1:1.0-1', 'amd64', {
    Source: 'src (1.0)',
    Section: 'net',
    Depends: 'local-b (>= 1),x | y',
    'Pre-Depends': 'libc6',
    Recommends: 'r',
    Suggests: 's',
    Conflicts: 'old (<< 1)',
    'Installed-Size': '12',
    'Multi-Arch': 'foreign',
    Homepage: 'https://example.org/?a=b&c',
    Conffiles: '\n/etc/local-a.conf 0123',
    Tag: 'a::b,\nc::d',
    'X-Odd-FIELD': 'odd',
    Description: 'short\nIts long text.\n\n  - indented',
  }),
  deb('local-b', '2.0', 'all'),
  deb('local-c', '1.0', 'amd64', { Essential: 'yes', Priority: 'required' }),
];

/** Objects of every kind in the root of a real aptly. @param archive the URL of {@link twoSuitesAndFlat} */
export async function fillAptlyRoot(root: AptlyRoot, archive: string): Promise<void> {
  const incoming = join(root.directory, 'incoming');
  await mkdir(incoming);
  for (const spec of localDebs) {
    await writeFile(join(incoming, `${spec.control['Package']}.deb`), await buildDeb(spec));
  }
  await writeSource(incoming);
  const uploaders = join(root.directory, 'uploaders.json');
  const rules = [{ condition: 'Source (x)', allow: ['us'] }];
  await writeFile(uploaders, JSON.stringify({ groups: { us: ['0123456789ABCDEF'] }, rules }));
  const commands: readonly (readonly string[])[] = [
    ['mirror', 'create', '-ignore-signatures', 'all', archive, 'xenial'],
    [
      'mirror',
      'create',
      '-ignore-signatures',
      '-filter=hello',
      '-filter-with-deps',
      '-with-udebs',
      'some',
      archive,
      'xenial',
      'main',
    ],
    ['mirror', 'create', '-ignore-signatures', 'flat', `${archive}flat/`, './'],
    ['mirror', 'update', '-ignore-signatures', 'all'],
    ['mirror', 'edit', '-with-udebs=false', 'some'],
    ['mirror', 'update', '-ignore-signatures', 'some'],
    ['repo', 'create', '-comment=of our own', '-distribution=stable', '-component=contrib', 'local'],
    ['repo', 'create', `-uploaders-file=${uploaders}`, 'other'],
    ['repo', 'create', 'empty'],
    ['repo', 'create', 'dropped'],
    ['repo', 'add', 'local', `${incoming}/local-a.deb`, `${incoming}/local-b.deb`, `${incoming}/src_1.0.dsc`],
    ['repo', 'add', 'other', `${incoming}/local-c.deb`],
    ['repo', 'drop', 'dropped'],
    [
      'publish',
      'repo',
      '-skip-signing',
      '-distribution=frozen',
      '-component=main',
      '-architectures=amd64,source',
      'local',
    ],
    ['snapshot', 'create', 'from-mirror', 'from', 'mirror', 'all'],
    ['snapshot', 'create', 'from-repo', 'from', 'repo', 'local'],
    ['snapshot', 'create', 'nothing', 'empty'],
    ['snapshot', 'merge', 'merged', 'from-mirror', 'from-repo'],
    ['snapshot', 'filter', 'from-mirror', 'filtered', 'hello'],
    ['snapshot', 'pull', '-no-deps', 'from-repo', 'from-mirror', 'pulled', 'data'],
    ['repo', 'remove', 'local', 'local-a'],
    [
      'publish',
      'repo',
      '-skip-signing',
      '-distribution=components',
      '-component=main,extra',
      '-architectures=amd64',
      '-skip-contents',
      'local',
      'other',
      'two',
    ],
    [
      'publish',
      'snapshot',
      '-skip-signing',
      '-distribution=merged',
      '-acquire-by-hash',
      '-origin=O',
      '-label=L',
      'merged',
    ],
    [
      'publish',
      'snapshot',
      '-skip-signing',
      '-distribution=many',
      '-component=main,universe',
      'filtered',
      'from-repo',
      'two',
    ],
  ];
  for (const words of commands) await root.run(...words);
}

async function writeSource(directory: string): Promise<void> {
  const content = Buffer.from('not really a tar file');
  const { digests, size } = digestsOf(content);
  const line = (hex: string | undefined): string => ` ${hex} ${size} src_1.0.tar.gz`;
  const dsc = [
    'Format: 3.0 (native)',
    'Source: src',
    'Binary: local-a, local-b',
    'Architecture: any all',
    'Version: 1.0',
    'Maintainer: Zoë <z@example.org>',
    'Build-Depends: debhelper (>= 9), a | b',
    'Build-Depends-Indep: docs',
    'Build-Conflicts: x',
    'Package-List:',
    ' local-a deb net optional arch=any',
    ' local-b deb net optional arch=all',
    'Checksums-Sha1:',
    line(digests.sha1),
    'Checksums-Sha256:',
    line(digests.sha256),
    'Files:',
    line(digests.md5),
    '',
  ];
  await writeFile(join(directory, 'src_1.0.tar.gz'), content);
  await writeFile(join(directory, 'src_1.0.dsc'), dsc.join('\n'));
}
