import { type ByteSource, FileSource, MemorySource, readBytes, StreamSource } from './byte-source.ts';
import { parseStanza, type Stanza } from './control.ts';
import { chunksOf, type DebReading, limitsOf, readPart } from './deb-parts.ts';
import { inflate, inflateAtOnce } from './inflate.ts';
import { withPackageFile } from './open-package-file.ts';
import { notAPackage } from './package-format.ts';
import { readTar } from './read-tar.ts';

/**
 * Reads the control paragraph of a binary package file (deb(5)): the archive is walked to its end, so a file that was
 * cut short shows, but its data are not inflated.
 * @throws E_DEB_FORMAT naming file and place; E_CONTROL_SYNTAX; E_SIZE_LIMIT; E_IO, E_PERMISSION; E_ABORTED
 */
export async function readDebControl(path: string, reading: DebReading): Promise<Stanza> {
  return await withPackageFile(path, reading.signal, (file) =>
    readControlOf(new FileSource(file, reading.signal), path, reading),
  );
}

/** As {@link readDebControl}, of the bytes of a file. */
export async function readControlOf(source: ByteSource, path: string, reading: DebReading): Promise<Stanza> {
  const control = await readPart(source, {
    ...reading,
    what: path,
    part: 'control',
    read: async (member, compression) => {
      const what = `${path}: ${member.name}`;
      const inflation = { what, maxBytes: limitsOf(reading).controlBytes, signal: reading.signal };
      if (member.size <= smallBytes && (compression === '' || compression === '.gz')) {
        const plain = await inflateAtOnce(
          await readBytes(member.content, member.size),
          compression,
          inflation,
        );
        return await controlFile(new MemorySource(plain), what);
      }
      return await inflate(chunksOf(member.content), compression, inflation, (plain) =>
        controlFile(new StreamSource(plain), what),
      );
    },
  });
  return parseStanza(mendedControl(control, path, reading), `${path}: control`);
}

/**
 * dpkg takes two things that the policy does not: a comment that looks like a field (`#Depends: a`), which goes with its lines,
 * and blanks before a colon. It does not take a control file that ends within its last field.
 * @throws E_DEB_FORMAT
 */
function mendedControl(control: Buffer, path: string, { warn }: DebReading): Buffer {
  const text = control.toString('latin1');
  if (endsWithinField(text))
    throw notAPackage(path, 'control ends within its last field: dpkg wants a value and the end of the line');
  if (!/^(?:#|[!-9;-~]+[ \t]+:)/m.test(text)) return control;
  const plain = text
    .replace(/^([!-9;-~]+)[ \t]+:/gm, '$1:')
    .replace(/^(#[!-9;-~]*):.*\n(?:[ \t].*\n)*/gm, (_, name: string) => {
      warn?.(`${path}: control: "${name}" is no field and left out`);
      return '';
    });
  return Buffer.from(plain, 'latin1');
}

function endsWithinField(text: string): boolean {
  const end = text.trimEnd().length;
  if (end === 0) return false;
  const lastLine = text.slice(text.lastIndexOf('\n', end - 1) + 1, end);
  return !text.includes('\n', end) || /^[!-9;-~]+[ \t]*:$/.test(lastLine);
}

/** A control archive of so many bytes is inflated at once: nearly every one. */
const smallBytes = 64 * 1024;

async function controlFile(plain: ByteSource, what: string): Promise<Buffer> {
  let control: Buffer | undefined;
  for await (const entry of readTar(plain, what)) {
    if (entry.path !== 'control' && entry.path !== './control') continue;
    if (entry.kind !== 'file') throw notAPackage(what, 'control is not a regular file');
    if (control !== undefined) throw notAPackage(what, 'it has two control files');
    control = await entry.read();
  }
  if (control === undefined) throw notAPackage(what, 'it has no control file');
  return control;
}
