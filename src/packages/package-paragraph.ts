import { showPackageStanza, showSourceStanza } from '../deb/render-index.ts';
import type { Member } from './member.ts';
import { recordOf } from './package-sets.ts';

/**
 * The control paragraph of a package as aptly shows it: its fields in canonical order, size and every digest that is
 * known of its files, by their names alone. Ends with a newline. Files of installer images are no field:
 * {@link imageSums}.
 * @throws E_CONTROL_SYNTAX, E_INDEX_SYNTAX
 */
export function packageParagraph(member: Member): Buffer {
  const pkg = member.package;
  if (pkg.kind === 'installer')
    return Buffer.from(`Package: installer\nArchitecture: ${pkg.architecture}\nVersion: \n`);
  const { files } = recordOf(member);
  if (pkg.kind === 'source') return showSourceStanza(pkg, pkg.directory, files);
  const [file] = files;
  return showPackageStanza(pkg, file?.name ?? pkg.file.name, file);
}

/** The lines of `SHA256SUMS` of installer images; undefined for other packages. */
export function imageSums({ package: pkg }: Member): readonly string[] | undefined {
  if (pkg.kind !== 'installer') return undefined;
  return pkg.listed.map(({ name, facts }) => `${facts.digests.sha256 ?? ''}  ${name}`);
}
