import { EspejoError } from '../../core/errors.ts';
import { filesHash } from '../../deb/files-hash.ts';
import { baseName, legacyPoolPath, pathProblem, plainName } from '../../deb/paths.ts';
import type { AptlyFile, AptlyPackage } from './aptly-package.ts';
import { Fields } from './fields.ts';
import { decodeMsgpack, type MsgValue } from './msgpack.ts';
import { odditiesOf, quoted } from './odd-package.ts';
import { renderStanza } from './stanza.ts';

/** The values of `P`, `xF`, `xD` and `xE`; a record before 0.4 has the first alone. */
export type PackageParts = {
  readonly header: Buffer;
  readonly files: Buffer | undefined;
  readonly relations: Buffer | undefined;
  readonly extra: Buffer | undefined;
};

/**
 * Puts the records of a package together.
 * @param key with its `P`, one character a byte
 * @throws E_CATALOG that names the key
 */
export function readPackage(key: string, parts: PackageParts): AptlyPackage {
  const { header, relations, extra, fileList } = split(key, parts);
  const kind = kindOf(header);
  const oddities: string[] = [];
  const odd = (oddity: string): void => void oddities.push(oddity);
  const files = fileList.map((file) => readFile(file, kind, odd));
  const [name, version, architecture] = ['Name', 'Version', 'Architecture'].map((field) =>
    header.latin1(field),
  );
  const identity = `P${architecture} ${name} ${version}`;
  if (key !== identity && !key.startsWith(`${identity} `)) {
    throw new EspejoError('E_CATALOG', `${key}: malformed record: it is of the package ${identity.slice(1)}`);
  }
  const pkg = {
    key,
    kind,
    name: header.text('Name'),
    version: header.text('Version'),
    architecture: header.text('Architecture'),
    filesHash: hashOf(header, files),
    files,
    stanza: renderStanza({ kind, header, relations, extra, files }),
  };
  return { ...pkg, oddities: [...oddities, ...odditiesOf(pkg)] };
}

/** Whether the value of a `P` record is of aptly before 0.4, which keeps the whole package in it. */
export function isSingleRecord(header: Buffer): boolean {
  return header[0] !== 0xc1 || header[1] !== 0x01;
}

type Split = {
  readonly header: Fields;
  readonly relations: Fields;
  readonly extra: Fields;
  readonly fileList: readonly Fields[];
};

function split(key: string, parts: PackageParts): Split {
  if (isSingleRecord(parts.header)) {
    const header = Fields.decode(parts.header, key);
    return { header, relations: header, extra: header.record('Extra'), fileList: header.records('Files') };
  }
  const { files, relations, extra } = parts;
  if (files === undefined || relations === undefined || extra === undefined) {
    const missing = files === undefined ? 'xF' : relations === undefined ? 'xD' : 'xE';
    throw new EspejoError('E_CATALOG', `${key}: its record ${missing} is missing`, {
      context: { key, missing },
    });
  }
  const list = decodeMsgpack(files, `xF${key}`);
  if (list !== null && !Array.isArray(list)) {
    throw new EspejoError('E_CATALOG', `xF${key}: malformed record: it is no list`);
  }
  return {
    header: Fields.decode(parts.header.subarray(2), key),
    relations: Fields.decode(relations, `xD${key}`),
    extra: Fields.decode(extra, `xE${key}`),
    fileList: (list ?? []).map((file: MsgValue) => Fields.of(file, `xF${key}`)),
  };
}

function kindOf(header: Fields): AptlyPackage['kind'] {
  if (header.flag('IsSource')) return 'source';
  if (header.flag('IsInstaller')) return 'installer';
  return header.flag('IsUdeb') ? 'udeb' : 'deb';
}

/** Names and paths that could lead elsewhere are not believed: the file gets a plain name, and has no path. */
function readFile(fields: Fields, kind: AptlyPackage['kind'], odd: (oddity: string) => void): AptlyFile {
  const stored = fields.text('Filename');
  const written = kind === 'installer' ? withoutDot(stored) : baseName(stored);
  const isUsable =
    pathProblem(written, kind === 'deb' || kind === 'udeb' ? 'blanks' : undefined) === undefined;
  const name = isUsable ? written : plainName(written);
  if (!isUsable) odd(`${quoted(stored)} cannot be the name of a file, ${quoted(name)} stands for it`);
  const facts = fields.record('Checksums').facts((error) => odd(error.message));
  const path = fields.text('PoolPath');
  const { md5 } = facts.digests;
  const legacy =
    md5 === undefined || leavesRoot(baseName(stored)) ? undefined : legacyPoolPath(md5, baseName(stored));
  const isPath = path !== '' && !leavesRoot(path);
  if (path !== '' && !isPath) odd(`the pool has no path ${quoted(path)}`);
  return {
    name,
    recordedName: kind === 'installer' && isUsable ? stored : name,
    poolPath: isPath ? path : legacy,
    legacyPath: !isPath && legacy !== undefined,
    facts,
  };
}

function withoutDot(path: string): string {
  return path.startsWith('./') ? path.slice(2) : path;
}

/** Blanks are allowed: `repo add` takes any file name. */
function leavesRoot(path: string): boolean {
  if (/[\u0000-\u001f\u007f]/.test(path)) return true;
  return path.split('/').some((part) => part === '' || part === '.' || part === '..');
}

function hashOf(header: Fields, files: readonly AptlyFile[]): string {
  const stored = header.unsigned64('FilesHash');
  return stored === 0n
    ? filesHash(files.map(({ recordedName: name, facts }) => ({ name, facts })))
    : stored.toString(16).padStart(8, '0');
}
