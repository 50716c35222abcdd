import { printable } from '../core/redact.ts';
import { isFieldName } from './field-cursor.ts';
import { isDigestField } from './field-names.ts';

/** A paragraph that follows the policy, and what was wrong with the one that it was made of. */
export type Mended = {
  readonly raw: Buffer;
  /** In plain words; empty when nothing was wrong. */
  readonly faults: readonly Fault[];
};

export type Fault = {
  /** Faults of one kind read alike but for the names in them. */
  readonly kind: string;
  /** The field, where there is one. */
  readonly field?: string;
  readonly problem: string;
};

/**
 * Makes readable what apt 2.6 reads and the policy does not know, so that nobody behind this function needs to: lines that are
 * no field and comments are dropped, a field without a usable name goes with its lines, of a repeated field the last one
 * counts (as for apt), NUL bytes in fields that nobody acts upon go, a size may have words behind it. Two paragraphs with a line of
 * blanks between them, which the policy advises readers to take for an empty one, become two.
 * Costs time: for paragraphs that a strict reader has refused.
 */
export function mendParagraph(raw: Buffer): readonly Mended[] {
  const text = raw.toString('latin1');
  if (!text.startsWith(byteOrderMark)) return splitAtBlanks(text.split('\n')).map(mendLines);
  const [first = { raw, faults: [] }, ...others] = splitAtBlanks(text.slice(3).split('\n')).map(mendLines);
  const fault = { kind: 'a byte order mark', problem: 'the byte order mark in front of it is left out' };
  return [{ ...first, faults: [fault, ...first.faults] }, ...others];
}

/** That of UTF-8, read as latin1. */
const byteOrderMark = '\u00ef\u00bb\u00bf';

type Draft = { readonly name: string; lines: string[] };

/** Where a new package begins behind a line of nothing but blanks. */
function splitAtBlanks(lines: readonly string[]): readonly (readonly string[])[] {
  const parts: string[][] = [[]];
  for (const [at, line] of lines.entries()) {
    const separates = line.trim() === '' && /^package[ \t]*:/i.test(lines[at + 1] ?? '');
    if (separates) parts.push([]);
    else parts.at(-1)?.push(line);
  }
  const full = parts.filter((part) => part.some((line) => line.trim() !== ''));
  return full.length === 0 ? [lines] : full;
}

function mendLines(lines: readonly string[]): Mended {
  const faults: Fault[] = [];
  const drafts: Draft[] = [];
  let current: Draft | undefined;
  let dropping = false;
  for (const written of lines) {
    const line = withoutReturn(written);
    if (line === '') continue;
    if (line.startsWith(' ') || line.startsWith('\t')) {
      if (current !== undefined) current.lines.push(line);
      else if (!dropping && line.trim() !== '') faults.push(strayLine(line));
      continue;
    }
    const colon = line.indexOf(':');
    if (colon < 0 || line.startsWith('#')) {
      faults.push(strayLine(line));
      continue;
    }
    const name = line.slice(0, colon).trimEnd();
    dropping = !isFieldName(name);
    if (dropping) {
      faults.push({ kind: 'a field name', problem: `"${shown(name)}" is not the name of a field` });
      current = undefined;
      continue;
    }
    current = { name, lines: [`${name}:${line.slice(colon + 1)}`] };
    drafts.push(current);
  }
  for (const draft of drafts)
    while (draft.lines.length > 1 && draft.lines.at(-1)?.trim() === '') draft.lines.pop();
  const fields = lastOfEach(drafts, faults).filter((field) => !isEmptyDigest(field, faults));
  for (const field of fields) mendValue(field, faults);
  return { raw: Buffer.from(fields.flatMap((field) => field.lines).join('\n'), 'latin1'), faults };
}

/** Each field once, with its last value, in the place of the first. */
function lastOfEach(drafts: readonly Draft[], faults: Fault[]): readonly Draft[] {
  const fields = new Map<string, Draft>();
  for (const draft of drafts) {
    const key = draft.name.toLowerCase();
    if (fields.has(key))
      faults.push({
        kind: 'a repeated field',
        field: draft.name,
        problem: 'it is there twice, the last counts',
      });
    fields.set(key, draft);
  }
  return Array.from(fields.values());
}

/** A digest without a value says nothing, also beside others that do. */
function isEmptyDigest({ name, lines }: Draft, faults: Fault[]): boolean {
  if (!isDigestField(name) || lines.length > 1) return false;
  const [line = ''] = lines;
  if (line.slice(name.length + 1).trim() !== '') return false;
  faults.push({ kind: 'an empty digest', field: name, problem: 'it has no value and is left out' });
  return true;
}

function mendValue(field: Draft, faults: Fault[]): void {
  const key = field.name.toLowerCase();
  if (!decidingFields.has(key) && field.lines.some((line) => line.includes('\0'))) {
    field.lines = field.lines.map((line) => line.replaceAll('\0', ''));
    faults.push({ kind: 'a NUL byte', field: field.name, problem: 'it has a NUL byte, which is left out' });
  }
  if (key !== 'size') return;
  const [line = ''] = field.lines;
  const value = line.slice(field.name.length + 1).trim();
  const digits = /^\+?([0-9]{1,16})/.exec(value)?.[1];
  if (digits === undefined || digits === value) return;
  field.lines = [`${field.name}: ${digits}`];
  faults.push({ kind: 'a size', field: field.name, problem: `"${shown(value)}" is read as ${digits}` });
}

/** Fields in which a NUL byte is not passed over: what one program leaves out another may read. */
const decidingFields: ReadonlySet<string> = new Set([
  'package',
  'version',
  'architecture',
  'filename',
  'size',
  'md5sum',
  'sha1',
  'sha256',
  'sha512',
  'directory',
  'files',
  'checksums-sha1',
  'checksums-sha256',
  'checksums-sha512',
]);

function strayLine(line: string): Fault {
  return { kind: 'a line', problem: `the line "${shown(line)}" is no field and left out` };
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** Text of an upstream, short. */
function shown(text: string): string {
  const plain = printable(Buffer.from(text, 'latin1').toString('utf8'));
  return plain.length > 60 ? `${plain.slice(0, 60)}...` : plain;
}
