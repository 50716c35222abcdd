import { dirname, join } from 'node:path';
import { assertFacts, type FileFacts } from '../core/digest.ts';
import { isEspejoError, systemCode } from '../core/errors.ts';
import type { Stanza } from './control.ts';
import { withPackageFile } from './open-package-file.ts';
import { SourcePackage } from './package.ts';
import { notAPackage } from './package-format.ts';
import { measure } from './package-of-deb.ts';
import { assertSafePath, baseName } from './paths.ts';
import { type Companion, readDscOf } from './read-dsc.ts';
import { readingPackage } from './reading-package.ts';
import { withFields } from './with-fields.ts';

/** A file of a source package with what was measured of it. */
export type SourceFile = {
  readonly name: string;
  readonly facts: FileFacts;
  /** Where it lies; undefined when {@link DscReading.elsewhere} had it. */
  readonly path: string | undefined;
};

export type SourceOfDsc = {
  readonly package: SourcePackage;
  /** Those that the .dsc names, then the .dsc. */
  readonly files: readonly SourceFile[];
};

export type DscReading = {
  readonly signal: AbortSignal;
  /**
   * Finds a file that does not lie beside the .dsc, in the pool: its size and all digests, or undefined. By default
   * nothing is found.
   */
  readonly elsewhere?: (file: Companion) => Promise<FileFacts | undefined>;
};

/**
 * The source package that a .dsc file on disk and the files beside it are, as aptly makes it: `Package` is its
 * `Source`, the .dsc is one of its files, it has no `Directory`. Every file is read and must be what the .dsc says;
 * aptly believes what the .dsc says when the size is right.
 * @throws E_DEB_FORMAT also for a file that is missing; E_CONTROL_SYNTAX, E_UNSAFE_PATH, E_SIZE_LIMIT
 * @throws E_SIZE_MISMATCH, E_DIGEST_MISMATCH; E_IO, E_PERMISSION, E_ABORTED
 */
export async function packageOfDsc(path: string, reading: DscReading): Promise<SourceOfDsc> {
  const { signal } = reading;
  const name = baseName(path);
  assertSafePath(name, path);
  if (!name.endsWith('.dsc')) throw notAPackage(path, 'its name does not end in .dsc');
  const { control, facts } = await withPackageFile(path, signal, async (file) => ({
    control: await readDscOf(file, path, signal),
    facts: await measure(file, path, signal),
  }));
  const files: SourceFile[] = [];
  for (const companion of control.files) {
    if (companion.name === name) throw notAPackage(path, 'it lists itself');
    files.push(await findCompanion(path, companion, reading));
  }
  files.push({ name, facts, path });
  const raw = sourceParagraph(control.stanza, files);
  return { package: readingPackage(path, () => checked(raw, path)), files };
}

async function findCompanion(dsc: string, companion: Companion, reading: DscReading): Promise<SourceFile> {
  const { name } = companion;
  const beside = join(dirname(dsc), name);
  const path = await measuredIfThere(beside, reading.signal);
  const facts = path ?? (await reading.elsewhere?.(companion));
  if (facts === undefined) throw notAPackage(dsc, `${name}, which it lists, is not beside it`);
  assertFacts(`${dsc}: ${name}`, companion.facts, facts);
  return { name, facts, path: path === undefined ? undefined : beside };
}

async function measuredIfThere(path: string, signal: AbortSignal): Promise<FileFacts | undefined> {
  try {
    return await withPackageFile(path, signal, (file) => measure(file, path, signal));
  } catch (error) {
    if (isEspejoError(error, 'E_IO') && systemCode(error.cause) === 'ENOENT') return undefined;
    throw error;
  }
}

/** aptly's: the digest lists hold what was measured of every file. */
function sourceParagraph(stanza: Stanza, files: readonly SourceFile[]): Buffer {
  const list = (digest: 'md5' | 'sha1' | 'sha256' | 'sha512') =>
    files
      .filter(({ facts }) => facts.digests[digest] !== undefined)
      .map(({ name, facts }) => `\n ${facts.digests[digest]} ${facts.size} ${name}`)
      .join('');
  return withFields(stanza, replacedFields, [
    `Package: ${stanza.get('Source')}`,
    `Files:${list('md5')}`,
    `Checksums-Sha1:${list('sha1')}`,
    `Checksums-Sha256:${list('sha256')}`,
    `Checksums-Sha512:${list('sha512')}`,
  ]);
}

const replacedFields: ReadonlySet<string> = new Set([
  'source',
  'package',
  'directory',
  'files',
  'checksums-sha1',
  'checksums-sha256',
  'checksums-sha512',
]);

function checked(raw: Buffer, path: string): SourcePackage {
  const pkg = SourcePackage.fromParagraph(raw, { what: path });
  if (pkg.key !== '' && (pkg.stanza.get('Architecture') ?? '') !== '') return pkg;
  throw notAPackage(path, 'it has no Architecture');
}
