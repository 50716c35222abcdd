import { DigestMeter, type Digests, digestNames, digestsOf, type FileFacts } from '../core/digest.ts';
import { FileSource, MemorySource } from './byte-source.ts';
import type { Stanza } from './control.ts';
import type { DebReading } from './deb-parts.ts';
import { digestFields } from './field-names.ts';
import { type OpenFile, withPackageFile } from './open-package-file.ts';
import { BinaryPackage } from './package.ts';
import { notAPackage } from './package-format.ts';
import { assertSafeFilePath, baseName } from './paths.ts';
import { readControlOf } from './read-deb.ts';
import { readingPackage } from './reading-package.ts';
import { withFields } from './with-fields.ts';

/**
 * The package that a file on disk is, as aptly makes it: the fields of its control file, and size, digests and base
 * name of the file in place of whatever the control file says of them. `.udeb` files are udebs, `.deb` and `.ddeb` not.
 * What everybody needs of it (name, version, architecture, source, key) is checked here.
 * @throws E_DEB_FORMAT, E_CONTROL_SYNTAX, E_SIZE_LIMIT as {@link readDebControl}; E_UNSAFE_PATH for the file's name
 * @throws E_IO, E_PERMISSION, E_ABORTED
 */
export async function packageOfDeb(path: string, reading: DebReading): Promise<BinaryPackage> {
  const named = nameAndKind(path);
  return await withPackageFile(path, reading.signal, async (file) => {
    const control = await readControlOf(new FileSource(file, reading.signal), path, reading);
    return packageOf(path, named, { control, facts: await measure(file, path, reading.signal) });
  });
}

/** As {@link packageOfDeb}, of a file whose bytes were read. */
export async function packageOfDebBytes(
  bytes: Buffer,
  path: string,
  reading: DebReading,
): Promise<BinaryPackage> {
  const named = nameAndKind(path);
  const control = await readControlOf(new MemorySource(bytes), path, reading);
  return packageOf(path, named, { control, facts: digestsOf(bytes) });
}

type NameAndKind = { readonly name: string; readonly kind: 'deb' | 'udeb' };

function nameAndKind(path: string): NameAndKind {
  const name = baseName(path);
  assertSafeFilePath(name, path);
  return { name, kind: kindOf(name, path) };
}

function packageOf(
  path: string,
  { name, kind }: NameAndKind,
  { control, facts }: { readonly control: Stanza; readonly facts: FileFacts },
): BinaryPackage {
  const fields = [`Filename: ${name}`, `Size: ${facts.size}`, ...digestLines(facts.digests)];
  const raw = withFields(control, replacedFields, fields);
  return readingPackage(path, () => checked(BinaryPackage.fromParagraph(raw, { what: path, kind }), path));
}

/**
 * Size and all digests of an open file.
 * @throws E_DEB_FORMAT when it changes while it is read, E_ABORTED
 */
export async function measure(file: OpenFile, path: string, signal: AbortSignal): Promise<FileFacts> {
  const meter = new DigestMeter();
  const source = new FileSource(file, signal);
  for (;;) {
    const chunk = await source.chunk(Number.POSITIVE_INFINITY);
    if (chunk.length === 0) break;
    meter.update(chunk);
  }
  const { size } = await file.handle.stat();
  if (size === meter.size) return meter.finish();
  throw notAPackage(path, 'it changed while it was read');
}

const replacedFields: ReadonlySet<string> = new Set([
  'filename',
  'size',
  'md5sum',
  'sha1',
  'sha256',
  'sha512',
]);

function kindOf(name: string, path: string): 'deb' | 'udeb' {
  if (name.endsWith('.udeb')) return 'udeb';
  if (name.endsWith('.deb') || name.endsWith('.ddeb')) return 'deb';
  throw notAPackage(path, 'its name does not end in .deb, .udeb or .ddeb');
}

function digestLines(digests: Digests): readonly string[] {
  return digestNames.map((name) => `${digestFields[name]}: ${digests[name]}`);
}

/** `source` as an architecture would give the package the key of a source package. */
function checked(pkg: BinaryPackage, path: string): BinaryPackage {
  if (pkg.architecture === 'source') throw notAPackage(path, 'Architecture: source is for source packages');
  if (pkg.source.name !== '' && pkg.key !== '') return pkg;
  throw notAPackage(path, 'it has no source');
}
