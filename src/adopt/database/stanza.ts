import { digestNames, type FileFacts } from '../../core/digest.ts';
import { digestFields, fileListFields, multiLineFields } from '../../deb/field-names.ts';
import { renderInstallerParagraph } from '../../deb/installer-package.ts';
import { packageOrder, sourceOrder } from '../../deb/render-index.ts';
import type { Fields } from './fields.ts';

type StanzaParts = {
  readonly kind: 'deb' | 'udeb' | 'source' | 'installer';
  readonly header: Fields;
  readonly relations: Fields;
  /** The other control fields by their canonical names. */
  readonly extra: Fields;
  readonly files: readonly {
    readonly name: string;
    readonly recordedName: string;
    readonly facts: FileFacts;
  }[];
};

/**
 * The control paragraph of a package as aptly's `package show` prints it, ending with a newline. Its text is handled
 * as latin1, one character a byte, so that it comes out in the encoding it had.
 */
export function renderStanza(parts: StanzaParts): Buffer {
  const { kind, header, relations, extra, files } = parts;
  if (kind === 'installer') {
    const images = files.map(({ recordedName: name, facts }) => ({ name, facts }));
    return Buffer.concat([renderInstallerParagraph(header.text('Architecture'), images), Buffer.from('\n')]);
  }
  const fields = new Map(
    extra.names.map((name) => [Buffer.from(name).toString('latin1'), extra.latin1(name)]),
  );
  fields.set('Package', header.latin1('Name'));
  fields.set('Version', header.latin1('Version'));
  if (kind === 'source') {
    fields.set('Architecture', header.latin1('SourceArchitecture'));
  } else {
    fields.set('Architecture', header.latin1('Architecture'));
    if (header.latin1('Source') !== '') fields.set('Source', header.latin1('Source'));
  }
  for (const [field, value] of fileFields(parts)) fields.set(field, value);
  for (const [name, field] of relationFields) {
    const items = relations.latin1s(name);
    if (items.length > 0) fields.set(field, items.join(', '));
  }
  const provides = header.latin1s('Provides');
  if (provides.length > 0) fields.set('Provides', provides.join(', '));
  return print(printable(fields), kind === 'source' ? sourceOrder : packageOrder);
}

/** Without what would not be one field each: of names that differ by case the last counts, which is aptly's own. */
function printable(fields: ReadonlyMap<string, string>): Map<string, string> {
  const names = new Map(Array.from(fields.keys(), (name) => [name.toLowerCase(), name]));
  const kept = [...names.values()].filter((name) => !/[\n:]|^[ \t]/.test(name));
  if (kept.length === fields.size) return new Map(fields);
  return new Map(kept.map((name) => [name, fields.get(name) ?? '']));
}

const relationFields = [
  ['Depends', 'Depends'],
  ['PreDepends', 'Pre-Depends'],
  ['Suggests', 'Suggests'],
  ['Recommends', 'Recommends'],
  ['BuildDepends', 'Build-Depends'],
  ['BuildDependsInDep', 'Build-Depends-Indep'],
] as const;

function fileFields({ kind, files }: StanzaParts): ReadonlyMap<string, string> {
  if (kind === 'source') return sourceFileLists(files);
  const fields = new Map<string, string>();
  const [file] = files;
  if (file === undefined) return fields;
  fields.set('Filename', bytesOf(file.name));
  fields.set('Size', String(file.facts.size));
  for (const name of digestNames) {
    const hex = file.facts.digests[name];
    if (hex !== undefined) fields.set(digestFields[name], hex);
  }
  return fields;
}

/** What the file records know stands in for lists of the control file. */
function sourceFileLists(files: StanzaParts['files']): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const name of digestNames) {
    const lines = files.flatMap((file) => {
      const hex = file.facts.digests[name];
      return hex === undefined ? [] : [` ${hex} ${file.facts.size} ${bytesOf(file.name)}\n`];
    });
    if (lines.length > 0) fields.set(fileListFields[name], lines.join(''));
  }
  return fields;
}

function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function print(fields: Map<string, string>, order: readonly string[]): Buffer {
  const names = order.filter((name) => fields.has(name));
  const known = new Set(names);
  const others = Array.from(fields.keys()).filter((name) => !known.has(name));
  const lines = [...names, ...others.sort()].map((name) => line(name, fields.get(name) ?? ''));
  return Buffer.from(lines.join(''), 'latin1');
}

/** Values of multi-line fields have their line breaks and leading blanks in the database. */
function line(name: string, value: string): string {
  if (!multiLineFields.has(name)) return `${name}: ${continued(value)}\n`;
  const text = value.endsWith('\n') ? value.slice(0, -1) : value;
  if (name === 'Description') return `${name}:${text.startsWith(' ') ? '' : ' '}${continued(text)}\n`;
  return `${name}:${continued(text.startsWith('\n') ? text : `\n${text}`)}\n`;
}

/** No line of a value may look like the next field or end the paragraph. */
function continued(value: string): string {
  if (!value.includes('\n')) return value;
  return value
    .split('\n')
    .map((text, position) => {
      if (position === 0 || text.startsWith(' ') || text.startsWith('\t')) return text;
      return text === '' ? ' .' : ` ${text}`;
    })
    .join('\n');
}
