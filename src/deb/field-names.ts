import { type DigestName, digestNames } from '../core/digest.ts';

/** Where a paragraph of a Packages index has the digests of its file. */
export const digestFields = { md5: 'MD5sum', sha1: 'SHA1', sha256: 'SHA256', sha512: 'SHA512' } as const;

/** Where a source paragraph lists its files, by the digest that each list has. */
export const fileListFields = {
  md5: 'Files',
  sha1: 'Checksums-Sha1',
  sha256: 'Checksums-Sha256',
  sha512: 'Checksums-Sha512',
} as const satisfies Readonly<Record<DigestName, string>>;

/** Fields that keep their lines (spec/semantics.md 7.6), by their canonical names. */
export const multiLineFields: ReadonlySet<string> = new Set([
  ...Object.values(fileListFields),
  'Description',
  'Changes',
  'Package-List',
]);

const lowerDigestFields: ReadonlySet<string> = new Set(
  digestNames.map((name) => digestFields[name].toLowerCase()),
);

/** @param name in any case */
export function isDigestField(name: string): boolean {
  return lowerDigestFields.has(name.toLowerCase());
}
