import { type DigestName, type Digests, digestNames, type FileFacts } from '../core/digest.ts';
import { isEspejoError } from '../core/errors.ts';
import { aptRelations, fieldProblem } from './apt-syntax.ts';
import type { Stanza } from './control.ts';
import { isFieldName } from './field-cursor.ts';
import { digestFields, fileListFields, multiLineFields } from './field-names.ts';
import type { BinaryPackage, SourcePackage } from './package.ts';
import { parseRelations, printGroup } from './relations.ts';
import { compareVersions } from './version.ts';
import { wordsOf } from './words.ts';

/**
 * The stanza of a Packages index as aptly 1.6 writes it: its field order, field names in canonical case, continuation
 * lines folded except in multi-line fields, dependencies joined by `, `. Values keep their bytes, UTF-8 or not.
 * Relation fields without a value, and a Description-md5 that is none, are left out, since apt refuses the whole list for
 * one; a relation that dpkg reads and apt does not, `a (=1)`, is spelt out. What is no name of a field is left out with its
 * value.
 * Ends with a newline, without the blank line that separates stanzas.
 * @param filename path of the .deb relative to the publishing prefix
 * @param known size and digests of the .deb; they are written whether the stanza has them or not
 * @throws E_CONTROL_SYNTAX for a duplicate field
 */
export function renderPackageStanza(
  pkg: BinaryPackage,
  filename: string,
  known: Partial<FileFacts> = {},
): Buffer {
  return packageStanza(canonicalFields(pkg.stanza, publishedValue), filename, known);
}

/** As {@link renderPackageStanza} for people: with the fields that no index may have. */
export function showPackageStanza(
  pkg: BinaryPackage,
  filename: string,
  known: Partial<FileFacts> = {},
): Buffer {
  return packageStanza(canonicalFields(pkg.stanza, shown(publishedValue)), filename, known);
}

function packageStanza(
  fields: Map<string, string>,
  filename: string,
  { size, digests = {} }: Partial<FileFacts>,
): Buffer {
  fields.set('Filename', bytesOf(filename));
  if (size !== undefined) fields.set('Size', String(size));
  const md5 = fields.get('MD5Sum');
  if (md5 !== undefined) {
    fields.delete('MD5Sum');
    fields.set('MD5sum', md5);
  }
  for (const name of digestNames) {
    const hex = digests[name];
    if (hex !== undefined) fields.set(digestFields[name], hex);
  }
  return print(fields, packageOrder);
}

/**
 * The stanza of a Sources index as {@link renderPackageStanza}, its file lists sorted by name. Relation fields without a
 * value are left out.
 * @param directory of its files relative to the publishing prefix; empty for none, then the field is left out
 * @param known its files; every list that a digest of one of them is known for is made from them
 * @throws E_CONTROL_SYNTAX for a duplicate field
 */
export function renderSourceStanza(
  pkg: SourcePackage,
  directory: string,
  known: readonly KnownFile[] = [],
): Buffer {
  return sourceStanza(canonicalFields(pkg.stanza, publishedSourceValue), directory, known);
}

/** As {@link renderSourceStanza} for people: with the fields that no index may have. */
export function showSourceStanza(
  pkg: SourcePackage,
  directory: string,
  known: readonly KnownFile[] = [],
): Buffer {
  return sourceStanza(canonicalFields(pkg.stanza, shown(publishedSourceValue)), directory, known);
}

function sourceStanza(fields: Map<string, string>, directory: string, known: readonly KnownFile[]): Buffer {
  if (directory === '') fields.delete('Directory');
  else fields.set('Directory', bytesOf(directory));
  for (const digest of digestNames) {
    const field = fileListFields[digest];
    const list = knownList(known, digest) ?? fields.get(field);
    if (list !== undefined) fields.set(field, sortedByName(list));
  }
  return print(fields, sourceOrder);
}

/** A file of a source package. */
type KnownFile = { readonly name: string; readonly size: number; readonly digests: Digests };

/** A text whose characters are the bytes of its UTF-8. */
function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

type Sortable = { readonly name: string; readonly version: string; readonly architecture: string };

/** The order of stanzas in an index: name bytewise, version descending, architecture. */
export function comparePackages(a: Sortable, b: Sortable): number {
  return (
    compareText(a.name, b.name) ||
    compareVersions(b.version, a.version) ||
    compareText(a.architecture, b.architecture)
  );
}

/** aptly's order, semantics of 1.6; what is not here follows bytewise. */
export const packageOrder = wordsOf(`
  Package Essential Status Priority Section Installed-Size Maintainer Original-Maintainer Architecture Source Version
  Replaces Provides Depends Pre-Depends Recommends Suggests Conflicts Breaks Conffiles Filename Size MD5Sum MD5sum SHA1
  SHA256 SHA512 Description`);

export const sourceOrder = wordsOf(`
  Package Source Binary Version Priority Section Maintainer Original-Maintainer Build-Depends Build-Depends-Indep
  Build-Conflicts Build-Conflicts-Indep Architecture Standards-Version Format Directory Files`);

/** Relations that aptly joins anew. */
const joinedRelations = new Set(wordsOf('Depends Pre-Depends Recommends Suggests Provides'));
const packageRelations = new Set([...aptRelations, 'Built-Using', 'Static-Built-Using']);
const sourceRelations = new Set(
  wordsOf(`Build-Depends Build-Depends-Arch Build-Depends-Indep
    Build-Conflicts Build-Conflicts-Arch Build-Conflicts-Indep`),
);
const joinedSourceRelations = new Set(wordsOf('Build-Depends Build-Depends-Indep'));

const specialNames: ReadonlyMap<string, string> = new Map(
  ['SHA1', 'SHA256', 'SHA512', 'MD5Sum', 'NotAutomatic', 'ButAutomaticUpgrades'].map((name) => [
    name.toLowerCase(),
    name,
  ]),
);

/** Values are latin1 texts here, one character a byte. */
function canonicalFields(stanza: Stanza, published: ValueOf): Map<string, string> {
  const fields = new Map<string, string>();
  for (const { name, value } of stanza.readFields('latin1')) {
    const canonical = canonicalName(name);
    const text = published(canonical, multiLineFields.has(canonical) ? value : folded(value));
    if (text !== undefined) fields.set(canonical, text);
  }
  return fields;
}

type ValueOf = (name: string, value: string) => string | undefined;

/** For fields that may be published the same value; the others as they are. */
function shown(published: ValueOf): ValueOf {
  return (name, value) => (isFieldName(name) ? published(name, value) : value);
}

/**
 * What a Packages index says in a field; undefined when it does not have the field.
 * @param name in canonical case
 */
export function publishedValue(name: string, value: string): string | undefined {
  if (!packageRelations.has(name) && !isFieldName(name)) return undefined;
  if (name === 'Description-Md5' && fieldProblem(name, value) !== undefined) return undefined;
  if (!packageRelations.has(name)) return value;
  const text = joinedRelations.has(name) ? rejoined(value) : value;
  if (isBlankText(text)) return undefined;
  return aptRelations.has(name) && fieldProblem(name, text) !== undefined ? spelt(text) : text;
}

function publishedSourceValue(name: string, value: string): string | undefined {
  if (!sourceRelations.has(name)) return isFieldName(name) ? value : undefined;
  const text = joinedSourceRelations.has(name) ? rejoined(value) : value;
  return isBlankText(text) ? undefined : text;
}

/** A relation field as the policy writes it; as it is when it breaks the policy. */
function spelt(text: string): string {
  try {
    return parseRelations(text, 'relation').map(printGroup).join(', ');
  } catch (error) {
    if (isEspejoError(error, 'E_RELATION_SYNTAX')) return text;
    throw error;
  }
}

function print(fields: Map<string, string>, order: readonly string[]): Buffer {
  let text = '';
  for (const name of order) {
    const value = fields.get(name);
    if (value === undefined) continue;
    fields.delete(name);
    text += line(name, value);
  }
  for (const name of Array.from(fields.keys()).sort(compareText)) text += line(name, fields.get(name) ?? '');
  return Buffer.from(text, 'latin1');
}

function line(name: string, value: string): string {
  if (!value.includes('\n')) return value === '' ? `${name}:\n` : `${name}: ${value}\n`;
  const lines = value.replaceAll('\n', '\n ');
  return value.startsWith('\n') ? `${name}:${lines}\n` : `${name}: ${lines}\n`;
}

const canonicalNames = new Map<string, string>();
const maxCanonicalNames = 1024;

/** The name of a field as aptly spells it: each word capitalised, the rest in lower case, with a few exceptions. */
export function canonicalName(name: string): string {
  const known = canonicalNames.get(name);
  if (known !== undefined) return known;
  const lower = name.toLowerCase();
  const capitalised = lower.replace(
    /(^|-)([\s\S])/g,
    (_, dash: string, first: string) => dash + first.toUpperCase(),
  );
  const canonical = isAscii(name) ? (specialNames.get(lower) ?? capitalised) : name;
  if (canonicalNames.size < maxCanonicalNames) canonicalNames.set(name, canonical);
  return canonical;
}

/** Other names only come from aptly, which has spelt them already. */
function isAscii(name: string): boolean {
  return !/[^\0-\x7f]/.test(name);
}

/** A value on one line: what aptly makes of fields that may not have several. */
export function folded(value: string): string {
  if (!value.includes('\n')) return value;
  return value
    .split('\n')
    .map(trimBlanks)
    .filter((text) => text !== '')
    .join(' ');
}

function rejoined(value: string): string {
  return value
    .split(',')
    .map(trimBlanks)
    .filter((item) => item !== '')
    .join(', ');
}

/** Undefined when no digest of that name is known. */
function knownList(files: readonly KnownFile[], digest: DigestName): string | undefined {
  const lines = files.flatMap(({ name, size, digests }) => {
    const hex = digests[digest];
    return hex === undefined ? [] : [`${hex} ${size} ${bytesOf(name)}`];
  });
  return lines.length === 0 ? undefined : lines.join('\n');
}

/** Lines of `<digest> <size> <name>`. */
function sortedByName(list: string): string {
  const lines = list.split('\n').filter((text) => text !== '');
  return lines
    .sort((a, b) => compareText(a.slice(a.lastIndexOf(' ') + 1), b.slice(b.lastIndexOf(' ') + 1)))
    .reduce((text, entry) => `${text}\n${entry}`, '');
}

/** Not `trim()`, which would take bytes of UTF-8 characters for blanks. */
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlankText(text: string): boolean {
  return /^[ \t-\r]*$/.test(text);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
