import type { Entry } from '../../src/adopt/database/leveldb/entry.ts';
import { put } from './leveldb.ts';
import { packed } from './msgpack.ts';

export const uuids = ['1', '2', '3', '4'].map((digit) => `${digit.repeat(8)}-aaaa-bbbb-cccc-dddddddddddd`);

type PackageSpec = { readonly name: string; readonly version?: string; readonly architecture?: string };

export function packageKey({ name, version = '1.0', architecture = 'amd64' }: PackageSpec): string {
  return `P${architecture} ${name} ${version} 00c0ffee12345678`;
}

/** The four records of a small binary package. */
export function packageEntries(spec: PackageSpec, sequence = 1): readonly Entry[] {
  const { name, version = '1.0', architecture = 'amd64' } = spec;
  const key = packageKey(spec);
  const header = {
    Name: name,
    Version: version,
    Architecture: architecture,
    SourceArchitecture: '',
    Source: '',
    Provides: undefined,
    FilesHash: 0xc0ffee12345678n,
    IsInstaller: false,
    IsSource: false,
    IsUdeb: false,
    V06Plus: true,
  };
  const file = {
    Filename: `${name}_${version}_${architecture}.deb`,
    Checksums: { Size: 3, MD5: 'a'.repeat(32), SHA1: '', SHA256: 'b'.repeat(64), SHA512: '' },
    PoolPath: `bb/bb/${'b'.repeat(28)}_${name}_${version}_${architecture}.deb`,
  };
  const relations = { Depends: ['libc6 (>= 2)', 'x | y'], PreDepends: undefined, Suggests: undefined };
  return [
    put(sequence, key, Buffer.concat([Buffer.from([0xc1, 0x01]), packed(header)])),
    put(sequence, `xF${key}`, packed([file])),
    put(sequence, `xD${key}`, packed(relations)),
    put(sequence, `xE${key}`, packed({ Maintainer: 'M <m@example.org>', Description: ' short\n long\n' })),
  ];
}

/** The list of the owner. */
export function listEntry(owner: string, keys: readonly string[], sequence = 1): Entry {
  return put(sequence, `E${owner}`, packed({ Refs: keys }));
}
