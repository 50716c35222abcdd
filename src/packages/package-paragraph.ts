import { BinaryPackage } from '../deb/package.ts';
import { withFields } from '../deb/package-of-deb.ts';
import { showPackageStanza, showSourceStanza } from '../deb/render-index.ts';
import type { Member } from './member.ts';
import { recordOf } from './package-sets.ts';

/**
 * The control paragraph of a package as aptly shows it: its fields in canonical order, size and every digest that is
 * known of its file, and where the file was upstream. Ends with a newline. Files of installer
 * images are no field: {@link imageSums}.
 * @throws E_CONTROL_SYNTAX, E_INDEX_SYNTAX
 */
export function packageParagraph(member: Member): Buffer {
  const pkg = member.package;
  if (pkg.kind === 'installer')
    return Buffer.from(`Package: installer\nArchitecture: ${pkg.architecture}\nVersion: \n`);
  if (pkg.kind === 'source') return showSourceStanza(pkg, pkg.directory);
  return showPackageStanza(withKnownDigests(pkg, member), pkg.file.path);
}

/** The lines of `SHA256SUMS` of installer images; undefined for other packages. */
export function imageSums({ package: pkg }: Member): readonly string[] | undefined {
  if (pkg.kind !== 'installer') return undefined;
  return pkg.listed.map(({ name, facts }) => `${facts.digests.sha256 ?? ''}  ${name}`);
}

function withKnownDigests(pkg: BinaryPackage, member: Member): BinaryPackage {
  const [file] = recordOf(member).files;
  if (file === undefined) return pkg;
  const fields = digestFields.flatMap(({ field, name }) => {
    const hex = file.digests[name];
    return hex === undefined || pkg.stanza.get(field) !== undefined ? [] : [`${field}: ${hex}`];
  });
  if (fields.length === 0) return pkg;
  const raw = withFields(pkg.stanza, new Set(), fields);
  const { name, version, architecture, kind } = pkg;
  return BinaryPackage.kept({ name, version, architecture, stanza: raw }, kind, { what: member.key });
}

const digestFields = [
  { field: 'MD5sum', name: 'md5' },
  { field: 'SHA1', name: 'sha1' },
  { field: 'SHA256', name: 'sha256' },
  { field: 'SHA512', name: 'sha512' },
] as const;
