import type { PackageRecord } from '../../src/catalog/contract.ts';
import { digestsOf } from '../../src/core/digest.ts';
import { buildDeb } from '../../src/deb/build-deb.ts';
import { BinaryPackage } from '../../src/deb/package.ts';
import { poolPath } from '../../src/deb/paths.ts';

export type PackageSpec = {
  readonly name: string;
  readonly version?: string;
  readonly architecture?: string;
  /** More control fields. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Told apart by content alone. */
  readonly text?: string;
};

type MadePackage = { readonly record: PackageRecord; readonly bytes: Buffer };

const made = new Map<string, Promise<MadePackage>>();

/** A real .deb and the record that a sync would make of it; each is built once in a process. */
export function makePackage(spec: PackageSpec): Promise<MadePackage> {
  const key = JSON.stringify(spec);
  const known = made.get(key) ?? build(spec);
  made.set(key, known);
  return known;
}

async function build(spec: PackageSpec): Promise<MadePackage> {
  const { name, version = '1.0', architecture = 'amd64', fields = {}, text = name } = spec;
  const control = {
    Package: name,
    Version: version,
    Architecture: architecture,
    Maintainer: 'Tests <tests@localhost>',
    ...fields,
    Description: `${name}, a package of the tests`,
  };
  const bytes = await buildDeb({ control, files: { [`usr/share/doc/${name}/readme`]: `${text}\n` } });
  const { size, digests } = digestsOf(bytes);
  const file = `${name}_${version.replace(/^\d+:/, '')}_${architecture}.deb`;
  const { md5 = '', sha1 = '', sha256 = '' } = digests;
  const place = {
    Filename: `pool/x/${file}`,
    Size: String(size),
    MD5sum: md5,
    SHA1: sha1,
    SHA256: sha256,
  };
  const stanza = Buffer.from(
    Object.entries({ ...control, ...place })
      .map(([field, value]) => `${field}: ${value}\n`)
      .join(''),
  );
  const { key } = BinaryPackage.fromParagraph(stanza, { what: 'test' });
  const files = [{ name: file, size, digests, poolPath: poolPath(sha256, file) }];
  return { bytes, record: { key, kind: 'deb', name, version, architecture, stanza, files } };
}
