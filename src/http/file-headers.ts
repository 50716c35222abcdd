const text = 'text/plain; charset=utf-8';
const binary = 'application/octet-stream';

const typesByExtension: Readonly<Record<string, string>> = {
  deb: 'application/vnd.debian.binary-package',
  udeb: 'application/vnd.debian.binary-package',
  ddeb: 'application/vnd.debian.binary-package',
  gz: 'application/gzip',
  xz: 'application/x-xz',
  bz2: 'application/x-bzip2',
  zst: 'application/zstd',
  lz4: 'application/x-lz4',
  lzma: 'application/x-lzma',
  tar: 'application/x-tar',
  iso: 'application/x-iso9660-image',
  json: 'application/json',
  html: 'text/html; charset=utf-8',
  sig: 'application/pgp-signature',
  sign: 'application/pgp-signature',
  dsc: text,
  changes: text,
  buildinfo: text,
  txt: text,
  yml: text,
  list: text,
};

const textNames = /^(?:InRelease|Release|Packages|Sources|Index|MANIFEST|README|[A-Z0-9]+SUMS)$/;
const textFamilies = /^(?:Contents|Translation|Commands|Components)-[^.]+$/;

/**
 * The media type of a published file. Never together with a Content-Encoding: apt asks for `Packages.gz` and checks the
 * digest of exactly these bytes.
 */
export function contentTypeOf(segments: readonly string[]): string {
  const name = segments.at(-1) ?? '';
  if (isByHash(segments)) return binary;
  if (textNames.test(name) || textFamilies.test(name)) return text;
  const extension = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  if (extension === 'gpg' || extension === 'asc') return pgpType(name);
  return Object.hasOwn(typesByExtension, extension) ? (typesByExtension[extension] ?? binary) : binary;
}

/** `Release.gpg`, `hello_1.0.orig.tar.gz.asc`: a signature beside its file; `archive.asc`, `key.gpg`: keys. */
function pgpType(name: string): string {
  const signed = name.slice(0, name.lastIndexOf('.'));
  return signed === 'Release' || signed.includes('.') ? 'application/pgp-signature' : 'application/pgp-keys';
}

/**
 * The Cache-Control of a published file: what is named by its digest or lies in a pool never changes, all else may change
 * at the next publish. A path below `dists` is never taken for a pool, whatever its prefix or distribution is called.
 */
export function cacheControlOf(segments: readonly string[]): string {
  const immutable = segments.includes('dists') ? isByHash(segments) : segments.slice(0, -1).includes('pool');
  return immutable ? 'public, max-age=31536000, immutable' : revalidate;
}

/** Caches may keep the answer but ask before each use. */
export const revalidate = 'no-cache, must-revalidate';

/** `…/by-hash/<algorithm>/<hex>`. */
function isByHash(segments: readonly string[]): boolean {
  const [marker, algorithm = '', hex = ''] = segments.slice(-3);
  return (
    marker === 'by-hash' &&
    /^(?:MD5Sum|SHA1|SHA256|SHA512)$/.test(algorithm) &&
    /^[0-9a-f]{32,128}$/.test(hex)
  );
}
