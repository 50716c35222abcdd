import { digestsOf } from '../../src/core/digest.ts';
import { BinaryPackage, SourcePackage } from '../../src/deb/package.ts';
import type { Member } from '../../src/packages/member.ts';
import { PackageSet } from '../../src/packages/package-set.ts';

type MemberFacts = {
  readonly fields?: Readonly<Record<string, string>>;
  /** What the package file holds; packages of one label and different content conflict. */
  readonly content?: string;
};

/** @param label `name_version_architecture`; the architecture `source` makes a source package */
export function member(label: string, facts: MemberFacts = {}): Member {
  const [name = '', version = '', architecture = ''] = label.split('_');
  const { fields = {}, content = label } = facts;
  const { size, digests } = digestsOf(Buffer.from(content), ['md5', 'sha1', 'sha256']);
  const own =
    architecture === 'source'
      ? { Architecture: 'any', Directory: 'pool', Files: `\n ${digests.md5} ${size} ${name}_${version}.dsc` }
      : {
          Architecture: architecture,
          Filename: `pool/${label}.deb`,
          Size: String(size),
          MD5sum: digests.md5 ?? '',
          SHA1: digests.sha1 ?? '',
          SHA256: digests.sha256 ?? '',
        };
  const paragraph = { Package: name, Version: version, ...own, ...fields };
  const lines = Object.entries(paragraph).map(([field, value]) => `${field}: ${value}`);
  const kind = architecture === 'source' ? SourcePackage : BinaryPackage;
  const pkg = kind.fromParagraph(Buffer.from(lines.join('\n')), { what: 'test' });
  return { key: pkg.key, package: pkg };
}

/** A set of packages without relations, from labels separated by blanks. */
export function setOf(labels: string): PackageSet {
  return PackageSet.of(
    labels
      .split(' ')
      .filter((label) => label !== '')
      .map((label) => member(label)),
  );
}

/** The labels of a set in listing order, separated by blanks. */
export function labelsOf(set: PackageSet): string {
  return set.listed.map(({ package: { label } }) => label).join(' ');
}
