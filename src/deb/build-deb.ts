import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import tar from 'tar-stream';
import { digestsOf } from '../core/digest.ts';
import { EspejoError, invariant } from '../core/errors.ts';
import { archiveOf } from './ar.ts';
import { isArchitecture, isPackageName } from './index-fields.ts';
import { assertSafePath } from './paths.ts';
import { assertVersion } from './version.ts';
import { compressXz } from './xz.ts';

type FileContent = string | Uint8Array;

/** What goes into a .deb; the same spec gives the same bytes. */
export type DebSpec = {
  /** Fields of the control file in the order given; `Package`, `Version` and `Architecture` are needed. */
  readonly control: Readonly<Record<string, string>>;
  /** By path without the leading slash; mode 0644 unless given. */
  readonly files?: Readonly<
    Record<string, FileContent | { readonly content: FileContent; readonly mode: number }>
  >;
  readonly scripts?: Readonly<Partial<Record<'preinst' | 'postinst' | 'prerm' | 'postrm', string>>>;
  /** Default `gz`. */
  readonly compression?: 'gz' | 'xz';
};

/**
 * Builds a binary package (deb(5), format 2.0) that dpkg of xenial and later installs: owner root, all times 1970.
 * @throws E_DEB_FORMAT for a control file without the needed fields, E_VERSION_SYNTAX
 * @throws E_UNSAFE_PATH for a path out of the root
 */
export async function buildDeb(spec: DebSpec): Promise<Buffer> {
  assertControl(spec.control);
  const { compression = 'gz' } = spec;
  const files = dataFiles(spec);
  const [control, data] = await Promise.all([
    compressedTar(controlFiles(spec, files), compression),
    compressedTar(withDirectories(files), compression),
  ]);
  return archiveOf([
    { name: 'debian-binary', content: Buffer.from('2.0\n') },
    { name: `control.tar.${compression}`, content: control },
    { name: `data.tar.${compression}`, content: data },
  ]);
}

type TarEntry = { readonly path: string; readonly mode: number; readonly content: Buffer | 'directory' };
type TarFile = TarEntry & { readonly content: Buffer };

function assertControl({ Package: name = '', Version, Architecture = '' }: DebSpec['control']): void {
  if (!isPackageName(name)) throw new EspejoError('E_DEB_FORMAT', `Package: "${name}" is not a package name`);
  if (Version === undefined) throw new EspejoError('E_DEB_FORMAT', `${name}: Version is missing`);
  assertVersion(Version, `${name}: Version`);
  if (isArchitecture(Architecture)) return;
  throw new EspejoError('E_DEB_FORMAT', `${name}: Architecture: "${Architecture}" is not an architecture`);
}

function dataFiles({ files = {} }: DebSpec): readonly TarFile[] {
  return Object.entries(files)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, file]) => {
      assertSafePath(path, 'file of a package');
      const plain = typeof file === 'string' || file instanceof Uint8Array;
      const { content, mode } = plain ? { content: file, mode: 0o644 } : file;
      return { path, mode, content: Buffer.from(content) };
    });
}

function controlFiles({ control, scripts = {} }: DebSpec, files: readonly TarFile[]): readonly TarEntry[] {
  const md5sums = files.map(({ path, content }) => `${digestsOf(content, ['md5']).digests.md5}  ${path}\n`);
  return [
    { path: '', mode: 0o755, content: 'directory' },
    { path: 'control', mode: 0o644, content: Buffer.from(controlText(control)) },
    ...(files.length === 0 ? [] : [{ path: 'md5sums', mode: 0o644, content: Buffer.from(md5sums.join('')) }]),
    ...Object.entries(scripts).map(([path, text]) => ({ path, mode: 0o755, content: Buffer.from(text) })),
  ];
}

/** A paragraph of fields: continuation lines get their blank, empty ones their dot (policy 5.6.13). */
export function controlText(control: DebSpec['control']): string {
  let text = '';
  for (const [name, value] of Object.entries(control)) {
    const lines = value.split('\n').map((line, position) => (position > 0 && line === '' ? '.' : line));
    text += `${name}: ${lines.join('\n ')}\n`;
  }
  return text;
}

/** Every directory comes before what is in it, as dpkg needs. */
function withDirectories(files: readonly TarFile[]): readonly TarEntry[] {
  const entries: TarEntry[] = [];
  const made = new Set<string>();
  const make = (path: string): void => {
    if (made.has(path)) return;
    made.add(path);
    entries.push({ path, mode: 0o755, content: 'directory' });
  };
  make('');
  for (const file of files) {
    const parts = file.path.split('/');
    for (let depth = 1; depth < parts.length; depth += 1) make(parts.slice(0, depth).join('/'));
    entries.push(file);
  }
  return entries;
}

async function compressedTar(entries: readonly TarEntry[], compression: 'gz' | 'xz'): Promise<Buffer> {
  const pack = tar.pack();
  for (const { path, mode, content } of entries) {
    const header = { mode, mtime: new Date(0), uname: 'root', gname: 'root', uid: 0, gid: 0 };
    if (content === 'directory')
      pack.entry({ ...header, name: path === '' ? './' : `./${path}/`, type: 'directory' });
    else pack.entry({ ...header, name: `./${path}` }, content);
  }
  pack.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of pack) {
    invariant(chunk instanceof Uint8Array, 'a tar stream yields bytes');
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  return compression === 'gz' ? await gzipped(bytes) : await compressXz(bytes);
}

/** Byte 9 of a gzip header names the operating system; fixed, so that all systems build the same bytes. */
async function gzipped(bytes: Buffer): Promise<Buffer> {
  const compressed = await promisify(gzip)(bytes, { level: 9 });
  compressed[9] = 3;
  return compressed;
}
