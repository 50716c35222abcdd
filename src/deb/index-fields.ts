import { EspejoError, isEspejoError } from '../core/errors.ts';
import type { Stanza } from './control.ts';
import { lookAtField, newMark, type Plainness } from './plainness.ts';
import { assertVersion } from './version.ts';

export type SourceReference = { readonly name: string; readonly version: string };

export type PackageColumns = {
  readonly name: string;
  readonly version: string;
  /** As it is written; empty when the paragraph has no such field. */
  readonly architecture: string;
  readonly hasProvides: boolean;
  readonly plainness: Plainness;
};

type ColumnOptions = {
  /** Names the index in errors. */
  readonly what: string;
  /** Whether any version will do that is one word: apt takes more than dpkg. */
  readonly anyVersion?: boolean;
};

/**
 * Reads what every user of an index needs in one pass over the bytes of a paragraph, which checks its syntax too:
 * a reader of 60,000 paragraphs spends its time here.
 * @throws E_INDEX_SYNTAX
 */
export function readColumns(stanza: Stanza, { what, anyVersion = false }: ColumnOptions): PackageColumns {
  const draft: ColumnDraft = {};
  let hasProvides = false;
  let plainness: Plainness = 0;
  const mark = newMark();
  reading({ what, label: 'a paragraph', field: 'fields' }, () => {
    const cursor = stanza.cursor();
    while (cursor.advance()) {
      const length = cursor.nameEnd - cursor.nameStart;
      plainness |= lookAtField(stanza.raw, cursor, length, mark);
      if (length === 7) {
        if (cursor.named('package')) put(draft, 'Package', cursor.value('latin1'));
        else if (cursor.named('version')) put(draft, 'Version', cursor.value('latin1'));
      } else if (length === 12) {
        if (cursor.named('architecture')) put(draft, 'Architecture', cursor.value('latin1'));
      } else if (length === 8) hasProvides ||= cursor.named('provides');
    }
    if (stanza.raw.includes(0)) throw new EspejoError('E_CONTROL_SYNTAX', 'a NUL byte');
  });
  const { Package: name = '', Version: written = '', Architecture: architecture = '' } = draft;
  const label = name === '' ? 'a paragraph' : name;
  if (!isPackageName(name))
    throw indexError({ what, label, field: 'Package' }, `"${name}" is not a package name`);
  const version = anyVersion ? Buffer.from(written, 'latin1').toString('utf8') : written;
  reading({ what, label, field: 'Version' }, () => {
    if (!anyVersion || !isOneWord(version)) assertVersion(version, 'Version');
  });
  return { name, version, architecture, hasProvides, plainness };
}

/** What is kept, compared and named in messages and keys, whose parts blanks separate. */
function isOneWord(text: string): boolean {
  return /^[^\p{White_Space}\p{Cc}\ufffd]{1,255}$/u.test(text);
}

/** Whether a text is one architecture name: `amd64`, `all`, `kfreebsd-amd64`. */
export function isArchitecture(text: string): boolean {
  if (knownArchitectures.has(text)) return true;
  const valid = text.length <= 64 && /^[a-z0-9][a-z0-9-]*$/.test(text);
  if (valid && knownArchitectures.size < maxKnownArchitectures) knownArchitectures.add(text);
  return valid;
}

/**
 * Reads a `Source` field: `name` or `name (version)`. Archives have other things there (a URL, `@scope/app`, words): apt and
 * dpkg look at none of it, so what names no source package counts as the package's own source.
 * @param own the package itself
 */
export function readSource(text: string, own: SourceReference): SourceReference {
  const open = text.indexOf('(');
  const name = open < 0 ? text : text.slice(0, open).trimEnd();
  if (!isPackageName(name)) return own;
  const version = open >= 0 && text.endsWith(')') ? text.slice(open + 1, -1).trim() : '';
  return { name, version: version === '' ? own.version : version };
}

/** Letters, digits, `+`, `-`, `.`, `_`: what dpkg installs; policy 5.6.1 wants lower case, two characters and no `_`. */
export function isPackageName(text: string): boolean {
  if (text.length > 200) return false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const lower = code | 0x20;
    const alphanumeric = (code >= 0x30 && code <= 0x39) || (lower >= 0x61 && lower <= 0x7a && code < 0x80);
    if (!alphanumeric && (at === 0 || !isInnerMark(code))) return false;
  }
  return text !== '';
}

function isInnerMark(code: number): boolean {
  return code === 0x2b || code === 0x2d || code === 0x2e || code === 0x5f;
}

type Place = { readonly what: string; readonly label: string; readonly field: string };

/** Runs `read`; its errors become E_INDEX_SYNTAX of that index, package and field. */
export function reading<Value>(place: Place, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    if (!isEspejoError(cause) || cause.code === 'E_INDEX_SYNTAX') throw cause;
    throw indexError(place, cause.message, cause);
  }
}

export function indexError({ what, label, field }: Place, problem: string, cause?: unknown): EspejoError {
  return new EspejoError('E_INDEX_SYNTAX', `${what}: ${label}: ${field}: ${problem}`, {
    cause,
    context: { index: what, package: label, field },
  });
}

type ColumnDraft = { [Field in 'Package' | 'Version' | 'Architecture']?: string };

function put(draft: ColumnDraft, field: keyof ColumnDraft, value: string): void {
  if (draft[field] !== undefined) throw new EspejoError('E_CONTROL_SYNTAX', `field ${field} is there twice`);
  draft[field] = value;
}

const maxKnownArchitectures = 256;
const knownArchitectures = new Set<string>();
