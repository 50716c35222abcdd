import { FileSource, StreamSource } from './byte-source.ts';
import { parseStanza, type Stanza } from './control.ts';
import { chunksOf, type DebReading, limitsOf, readPart } from './deb-parts.ts';
import { inflate } from './inflate.ts';
import { type OpenFile, withPackageFile } from './open-package-file.ts';
import { notAPackage } from './package-format.ts';
import { readTar } from './read-tar.ts';

/**
 * Reads the control paragraph of a binary package file (deb(5)): the archive is walked to its end, so a file that was
 * cut short shows, but its data are not inflated.
 * @throws E_DEB_FORMAT naming file and place; E_CONTROL_SYNTAX; E_SIZE_LIMIT; E_IO, E_PERMISSION; E_ABORTED
 */
export async function readDebControl(path: string, reading: DebReading): Promise<Stanza> {
  return await withPackageFile(path, reading.signal, (file) => readControlOf(file, path, reading));
}

/** As {@link readDebControl}, of a file that is open. */
export async function readControlOf(file: OpenFile, path: string, reading: DebReading): Promise<Stanza> {
  const source = new FileSource(file, reading.signal);
  const control = await readPart(source, path, 'control', (member, compression) => {
    const what = `${path}: ${member.name}`;
    const inflation = { what, maxBytes: limitsOf(reading).controlBytes, signal: reading.signal };
    return inflate(chunksOf(member.content), compression, inflation, (plain) => controlFile(plain, what));
  });
  return parseStanza(control, `${path}: control`);
}

async function controlFile(plain: AsyncIterable<Uint8Array>, what: string): Promise<Buffer> {
  let control: Buffer | undefined;
  for await (const entry of readTar(new StreamSource(plain), what)) {
    if (entry.path !== 'control' && entry.path !== './control') continue;
    if (entry.kind !== 'file') throw notAPackage(what, 'control is not a regular file');
    if (control !== undefined) throw notAPackage(what, 'it has two control files');
    control = await entry.read();
  }
  if (control === undefined) throw notAPackage(what, 'it has no control file');
  return control;
}
