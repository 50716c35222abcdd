import { type EspejoError, isEspejoError } from '../core/errors.ts';
import { indexError } from './index-fields.ts';
import type { Oddity } from './index-reader.ts';
import { type Fault, mendParagraph } from './mend-paragraph.ts';
import { BinaryPackage, SourcePackage } from './package.ts';
import { isPlainBinary, isPlainSource, type Plainness } from './plainness.ts';
import { isVersion } from './version.ts';

/** Takes what an index lists, package by package. */
export type ListedSink<Package> = {
  /** @throws E_INDEX_SYNTAX, E_UNSAFE_PATH for a package that cannot be used */
  take(pkg: Package): void;
  odd(oddity: Oddity): void;
};

/**
 * What has to vouch for files: a SHA-256 or SHA-512, as apt has it; any digest, for old archives; or nothing, where
 * the digests of an index are not looked at.
 */
export type Vouching = 'strong' | 'any' | 'none';

type ReadingOptions = {
  /** Names the index. */
  readonly what: string;
  readonly vouching: Vouching;
};

/**
 * Reads one paragraph of a Packages index as apt 2.6 does: what is odd in it is told and costs nothing else; a package
 * that apt could not download or dpkg could not name is left out, and told too. A paragraph of the usual kind costs one pass.
 */
export function readListedBinary(
  raw: Buffer,
  options: ReadingOptions & { readonly kind?: 'deb' | 'udeb' },
  sink: ListedSink<BinaryPackage>,
): void {
  readListed(raw, options, sink, {
    strict: (bytes) => BinaryPackage.fromIndex(bytes, options),
    loose: (bytes) => BinaryPackage.fromParagraph(bytes, { ...options, anyVersion: true }),
    isPlain: (plainness, pkg) => isPlainBinary(plainness) && pkg.architecture !== 'source',
    check: (pkg) => checkBinary(pkg, options),
  });
}

/** As {@link readListedBinary} for a Sources index. The lists of files are read by whoever uses them. */
export function readListedSource(
  raw: Buffer,
  options: ReadingOptions,
  sink: ListedSink<SourcePackage>,
): void {
  readListed(raw, options, sink, {
    strict: (bytes) => SourcePackage.fromIndex(bytes, options),
    loose: (bytes) => SourcePackage.fromParagraph(bytes, { ...options, anyVersion: true }),
    isPlain: isPlainSource,
    check: (pkg) => checkSource(pkg, options),
  });
}

type Kind<Package> = {
  readonly strict: (raw: Buffer) => { readonly package: Package; readonly plainness: Plainness };
  readonly loose: (raw: Buffer) => Package;
  readonly isPlain: (plainness: Plainness, pkg: Package) => boolean;
  /** @throws E_INDEX_SYNTAX, E_UNSAFE_PATH for a package that nobody could download */
  readonly check: (pkg: Package) => void;
};

function readListed<Package extends BinaryPackage | SourcePackage>(
  raw: Buffer,
  { what }: ReadingOptions,
  sink: ListedSink<Package>,
  kind: Kind<Package>,
): void {
  try {
    const { package: pkg, plainness } = kind.strict(raw);
    if (!kind.isPlain(plainness, pkg)) {
      pkg.stanza.readFields('latin1');
      kind.check(pkg);
    }
    sink.take(pkg);
    return;
  } catch (error) {
    if (!isOdd(error)) throw error;
  }
  for (const mended of mendParagraph(raw)) {
    try {
      const pkg = kind.loose(mended.raw);
      kind.check(pkg);
      sink.take(pkg);
      const faults = isVersion(pkg.version) ? mended.faults : [...mended.faults, oddVersion(pkg.version)];
      for (const fault of faults) sink.odd(oddityOf(what, pkg.label, fault));
    } catch (error) {
      if (!isOdd(error)) throw error;
      sink.odd(leftOut(what, mended.raw, error));
    }
  }
}

function isOdd(error: unknown): error is EspejoError {
  return isEspejoError(error, 'E_INDEX_SYNTAX', 'E_UNSAFE_PATH', 'E_CONTROL_SYNTAX');
}

function oddVersion(version: string): Fault {
  return {
    kind: 'a version',
    field: 'Version',
    problem: `apt takes "${version}" for a version, dpkg does not`,
  };
}

function oddityOf(what: string, label: string, { kind, field, problem }: Fault): Oddity {
  const place = field === undefined ? label : `${label}: ${field}`;
  return { kind, message: `${what}: ${place}: ${problem}`, isLeftOut: false };
}

function leftOut(what: string, raw: Buffer, error: EspejoError): Oddity {
  const field = error.context['field'];
  const kind = typeof field === 'string' ? field : error.code === 'E_UNSAFE_PATH' ? 'path' : 'syntax';
  const prefix = `${what}: `;
  const reason = error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message;
  const named = /(^|\n)package:[ \t]*([^\n]*)/i.exec(raw.toString('utf8', 0, 4096))?.[2]?.trim() ?? '';
  const subject = named === '' || reason.includes(named) ? '' : `${named}: `;
  return { kind, message: `${what}: ${subject}${reason}; left out`, isLeftOut: true };
}

function checkBinary(pkg: BinaryPackage, { what, vouching }: ReadingOptions): void {
  const { label, file } = pkg;
  if (pkg.architecture === 'source')
    throw indexError({ what, label, field: 'Architecture' }, 'source is for source packages');
  if (file.facts.size === 0) throw indexError({ what, label, field: 'Size' }, 'no package has 0 bytes');
  checkDigests(file.facts.digests, { what, label, vouching });
}

function checkSource(pkg: SourcePackage, { what, vouching }: ReadingOptions): void {
  for (const { facts } of pkg.files) checkDigests(facts.digests, { what, label: pkg.label, vouching });
}

function checkDigests(
  digests: BinaryPackage['file']['facts']['digests'],
  { what, label, vouching }: ReadingOptions & { readonly label: string },
): void {
  const { sha256, sha512, md5, sha1 } = digests;
  if (vouching === 'none' || (sha256 ?? sha512) !== undefined) return;
  if (vouching === 'any' && (md5 ?? sha1) !== undefined) return;
  const problem = vouching === 'any' ? 'no digest is listed' : 'neither SHA256 nor SHA512 is listed';
  throw indexError({ what, label, field: 'digests' }, problem);
}
