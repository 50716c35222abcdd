import type { DigestName } from '../core/digest.ts';
import { EspejoError } from '../core/errors.ts';

/** Where a file lives in the pool, aptly's current layout: `ab/cd/<28 hex>_<basename>`. A name too long for that is cut. */
export function poolPath(sha256: string, basename: string): string {
  return `${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256.slice(4, 32)}_${cutName(basename)}`;
}

/** Its beginning and its end; cut names stay as they are. */
function cutName(name: string): string {
  if (Buffer.byteLength(name) <= maxPartBytes - 29) return name;
  const plain = name.replace(/[^A-Za-z0-9+.~_-]/g, '_');
  return plain.length <= 200 ? plain : `${plain.slice(0, 180)}_${plain.slice(-19)}`;
}

/** Where aptly before 1.1 kept it. */
export function legacyPoolPath(md5: string, basename: string): string {
  return `${md5.slice(0, 2)}/${md5.slice(2, 4)}/${basename}`;
}

/**
 * Where a publication keeps the files of one source package: `pool/<component>/<l or libx>/<source>`.
 * @param sourceName any text: what no package is called becomes {@link plainName}, since one odd package must not keep the
 * others from being published
 * @throws E_UNSAFE_PATH for the component
 */
export function publishedPoolDirectory(component: string, sourceName: string): string {
  const name = plainName(sourceName);
  const letters = name.startsWith('lib') ? name.slice(0, 4) : name.slice(0, 1);
  const directory = `pool/${component}/${letters}/${name}`;
  assertSafePath(directory, `component ${component}`);
  return directory;
}

/** A text as part of a path that no file system, server or client reads otherwise; names of packages stay as they are. */
export function plainName(text: string): string {
  const plain = text.replace(/[^A-Za-z0-9+.~_-]/g, '_').slice(0, 200);
  return /^[A-Za-z0-9]/.test(plain) ? plain : `_${plain.slice(1)}`;
}

/** The by-hash twin of an index: `<its directory>/by-hash/SHA256/<hex>`. */
export function byHashPath(indexPath: string, name: DigestName, hex: string): string {
  const directory = indexPath.slice(0, indexPath.lastIndexOf('/') + 1);
  return `${directory}by-hash/${digestFieldNames[name]}/${hex}`;
}

/** How Release files and by-hash directories spell the digest algorithms. */
export const digestFieldNames: Readonly<Record<DigestName, string>> = {
  md5: 'MD5Sum',
  sha1: 'SHA1',
  sha256: 'SHA256',
  sha512: 'SHA512',
};

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/**
 * Refuses every path that does not stay below the directory it is relative to, or that a file system, URL or index
 * line could read differently: absolute ones, empty, `.` and `..` parts, blanks, backslashes, control characters,
 * parts over 255 and paths over 4096 bytes.
 * @param what names the path in the error
 * @throws E_UNSAFE_PATH
 */
export function assertSafePath(path: string, what: string): void {
  const problem = pathProblem(path);
  if (problem !== undefined) throw unsafe(path, what, problem);
}

/**
 * As {@link assertSafePath} for paths of package files, whose names may have blanks within: aptly takes such files, and
 * apt fetches them. Where blanks separate columns they cannot occur.
 * @throws E_UNSAFE_PATH
 */
export function assertSafeFilePath(path: string, what: string): void {
  const problem = pathProblem(path, 'blanks');
  if (problem !== undefined) throw unsafe(path, what, problem);
}

/**
 * A path as an index names it, without what archives write that says nothing: slashes at the beginning, doubled ones, `.`
 * parts, `..` parts that stay inside (Nexus, dpkg-scanpackages and the build service of openSUSE do, and apt fetches them so).
 * @throws E_UNSAFE_PATH
 */
export function archivePath(path: string, what: string): string {
  return normalised(path, what);
}

/** As {@link archivePath} for the `Filename` of a package. @throws E_UNSAFE_PATH */
export function archiveFilePath(path: string, what: string): string {
  return normalised(path, what, 'blanks');
}

/** As {@link archivePath} for a directory, which may end in a slash; empty for the root. @throws E_UNSAFE_PATH */
export function archiveDirectory(path: string, what: string): string {
  const plain = withoutIdleParts(`${path}/`).replace(/\/$/, '');
  return plain === '' ? '' : normalised(plain, what);
}

function normalised(path: string, what: string, allowed?: 'blanks'): string {
  if (pathProblem(path, allowed) === undefined) return path;
  const plain = withoutIdleParts(path);
  const problem = pathProblem(plain, allowed);
  if (problem !== undefined) throw unsafe(path, what, problem);
  return plain;
}

/** A slash at the end stays: what is a file has none. So do `..` parts that lead out of the archive. */
function withoutIdleParts(path: string): string {
  const parts = path.split('/');
  const kept: string[] = [];
  for (const [at, part] of parts.entries()) {
    const isLast = at === parts.length - 1;
    if (!isLast && (part === '' || part === '.')) continue;
    const goesBack = !isLast && part === '..' && kept.length > 0 && kept.at(-1) !== '..';
    if (goesBack) kept.pop();
    else kept.push(part);
  }
  return kept.join('/');
}

const maxPathBytes = 4096;
const maxPartBytes = 255;

/** Why {@link assertSafePath} refuses a path; undefined when it does not. */
export function pathProblem(path: string, allowed?: 'blanks'): string | undefined {
  if (path.length > maxPathBytes || Buffer.byteLength(path) > maxPathBytes) return 'it is too long';
  let start = 0;
  for (let at = 0; at <= path.length; at += 1) {
    const code = at === path.length ? slashCode : path.charCodeAt(at);
    if (code === slashCode) {
      const problem = partProblem(path, start, at);
      if (problem !== undefined) return problem;
      start = at + 1;
    } else if (code === blankCode && allowed === 'blanks') {
      const outer = at === start || at + 1 === path.length || path.charCodeAt(at + 1) === slashCode;
      if (outer) return 'a part of it begins or ends with a blank';
    } else if (code <= blankCode || code === backslashCode || (code >= 0x7f && code <= 0xa0)) {
      return 'it has a blank, a backslash or a control character';
    }
  }
  return path.isWellFormed() ? undefined : 'it is not well-formed text';
}

const blankCode = 0x20;
const slashCode = 0x2f;
const backslashCode = 0x5c;

function partProblem(path: string, start: number, end: number): string | undefined {
  const length = end - start;
  if (length === 0) return start === 0 && path !== '' ? 'it is absolute' : 'it has an empty part';
  if (length <= 2) {
    const part = path.slice(start, end);
    if (part === '.' || part === '..') return `it has a "${part}" part`;
  }
  const tooLong = length > maxPartBytes || (length * 3 > maxPartBytes && byteLength(path, start, end) > 255);
  return tooLong ? 'a part of it is too long' : undefined;
}

function byteLength(path: string, start: number, end: number): number {
  return Buffer.byteLength(path.slice(start, end));
}

function unsafe(path: string, what: string, problem: string): EspejoError {
  return new EspejoError('E_UNSAFE_PATH', `${what}: path "${path}" is refused: ${problem}`, {
    context: { what, path },
  });
}
