import { sha256Hex } from '../../src/core/digest.ts';
import { BinaryPackage, SourcePackage } from '../../src/deb/package.ts';
import { Universe } from '../../src/mirror/universe.ts';

type Fields = Readonly<Record<string, string>>;

/** A binary package as an index would list it; `content` decides its digests. */
export function makePackage(
  name: string,
  version = '1.0',
  fields: Fields = {},
  content = `${name} ${version} ${fields['Architecture'] ?? 'amd64'}`,
): BinaryPackage {
  const architecture = fields['Architecture'] ?? 'amd64';
  const lines = Object.entries({
    Package: name,
    Version: version,
    Architecture: architecture,
    ...fields,
    Filename: fields['Filename'] ?? `pool/${name}_${version.replace(/^\d+:/, '')}_${architecture}.deb`,
    Size: String(content.length),
    SHA256: sha256Hex(content),
  });
  const raw = Buffer.from(lines.map(([field, value]) => `${field}: ${value}\n`).join(''));
  return BinaryPackage.fromParagraph(raw, { what: 'test' });
}

export function makeSource(name: string, version: string, content = `${name} ${version}`): SourcePackage {
  const file = `${sha256Hex(content)} ${content.length} ${name}_${version}.dsc`;
  const raw = `Package: ${name}\nVersion: ${version}\nDirectory: pool/${name}\nChecksums-Sha256:\n ${file}\n`;
  return SourcePackage.fromParagraph(Buffer.from(raw), { what: 'test' });
}

/** All packages of one suite and component. */
export function universeOf(packages: Iterable<BinaryPackage>): Universe {
  const universe = new Universe();
  for (const one of packages) universe.add({ suite: 0, component: 'main', package: one });
  return universe;
}
