import { fieldText } from '../deb/field-text.ts';
import type { InstallerPackage } from '../deb/installer-package.ts';
import type { BinaryPackage, SourcePackage } from '../deb/package.ts';
import { canonicalName } from '../deb/render-index.ts';
import type { QuerySubject } from './matches.ts';

/** A package as queries see it. */
export function subjectOf(pkg: BinaryPackage | SourcePackage | InstallerPackage): QuerySubject {
  const { name, version, architecture, kind } = pkg;
  const isSource = pkg.kind === 'source';
  const isBuilt = pkg.kind === 'deb' || pkg.kind === 'udeb';
  return {
    name,
    version,
    architecture,
    kind,
    get provides() {
      return isBuilt ? pkg.provides : [];
    },
    get source() {
      return isBuilt ? pkg.source : { name, version };
    },
    field: (field) => {
      if (field === 'Name') return name;
      if (field === 'Version') return version;
      if (field === 'Source' && isSource) return '';
      if (withheldFields.has(field) || field !== canonicalName(field)) return '';
      const value = pkg.stanza.get(field) ?? '';
      return listFields.has(field) ? rejoined(value) : fieldText(field, value);
    },
  };
}

/** Fields that describe the package file; aptly keeps them apart from the stanza. */
const withheldFields: ReadonlySet<string> = new Set([
  'Package',
  'Filename',
  'Size',
  'MD5sum',
  'MD5Sum',
  'SHA1',
  'SHA256',
  'SHA512',
  'Files',
  'Checksums-Sha1',
  'Checksums-Sha256',
]);

const listFields: ReadonlySet<string> = new Set([
  'Depends',
  'Pre-Depends',
  'Suggests',
  'Recommends',
  'Provides',
  'Build-Depends',
  'Build-Depends-Indep',
]);

function rejoined(value: string): string {
  if (value === '') return '';
  return value
    .split(',')
    .map((item) => item.trim())
    .join(', ');
}
