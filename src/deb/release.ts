import { type DigestName, digestNames, type FileFacts } from '../core/digest.ts';
import { EspejoError, isEspejoError } from '../core/errors.ts';
import { parseStanza, type Stanza } from './control.ts';
import type { DigestDraft } from './file-facts.ts';
import { isArchitecture } from './index-fields.ts';
import { archivePath, assertSafePath, digestFieldNames } from './paths.ts';
import { parseReleaseDate, printReleaseDate } from './release-date.ts';
import { mergeFile, parseFileList } from './source-files.ts';

/** What the Release file of a suite says. Its text is believed only after its signature was. */
export type Release = {
  readonly stanza: Stanza;
  readonly origin?: string;
  readonly label?: string;
  readonly suite?: string;
  readonly codename?: string;
  readonly version?: string;
  readonly date: Date;
  readonly validUntil?: Date;
  /** As listed, `all` and `source` included when they are; empty for most flat repositories. */
  readonly architectures: readonly string[];
  /** As listed; safe as parts of a path. */
  readonly components: readonly string[];
  readonly acquireByHash: boolean;
  readonly notAutomatic?: string;
  readonly butAutomaticUpgrades?: string;
  /** By path relative to the Release file: size and all digests of the four sections. */
  readonly files: ReadonlyMap<string, FileFacts>;
};

/**
 * Reads a Release file, or the text of an InRelease without its armour.
 * @param what names the file in errors: its URL or path
 * @throws E_RELEASE_SYNTAX for a missing Date, a malformed field, or digest sections that contradict each other
 * @throws E_UNSAFE_PATH for a path, component or architecture that would leave the suite's directory
 */
export function parseRelease(text: Uint8Array, what: string): Release {
  const stanza = inRelease(what, 'fields', () => parseStanza(text, what));
  const date = readDate(stanza, 'Date', what);
  if (date === undefined) throw releaseError(what, 'Date', 'it is missing');
  const validUntil = readDate(stanza, 'Valid-Until', what);
  return {
    stanza,
    ...readTexts(stanza),
    date,
    ...(validUntil === undefined ? {} : { validUntil }),
    architectures: readArchitectures(stanza, what),
    components: readComponents(stanza, what),
    acquireByHash: stanza.get('Acquire-By-Hash')?.toLowerCase() === 'yes',
    files: readFiles(stanza, what),
  };
}

/** What a publication says of itself in its Release files; an absent field is not written. */
export type ReleaseFields = {
  readonly origin: string;
  readonly label: string;
  readonly suite: string;
  readonly codename: string;
  readonly version?: string;
  readonly date: Date;
  readonly validUntil?: Date;
  readonly notAutomatic?: string;
  readonly butAutomaticUpgrades?: string;
  readonly acquireByHash: boolean;
  /** Fingerprints of the keys that may sign the suite, comma-separated. */
  readonly signedBy?: string;
  /** Without `source`. */
  readonly architectures: readonly string[];
  readonly components: readonly string[];
  readonly description?: string;
};

/**
 * Writes the Release file of a suite: aptly's fields in aptly's order, files sorted by path. A digest section lists the
 * files whose digest is known; one that would be empty is left out.
 * @param files by path relative to the Release file
 * @throws E_RELEASE_SYNTAX for a value that would not stay on its line
 */
export function renderRelease(fields: ReleaseFields, files: ReadonlyMap<string, FileFacts>): Buffer {
  const lines = fieldLines([
    ['Origin', fields.origin],
    ['Label', fields.label],
    ['Suite', fields.suite],
    ['Version', fields.version],
    ['Codename', fields.codename],
    ['Date', printReleaseDate(fields.date)],
    ['Valid-Until', fields.validUntil && printReleaseDate(fields.validUntil)],
    ['NotAutomatic', fields.notAutomatic],
    ['ButAutomaticUpgrades', fields.butAutomaticUpgrades],
    ['Acquire-By-Hash', fields.acquireByHash ? 'yes' : undefined],
    ['Signed-By', fields.signedBy],
    ['Architectures', fields.architectures.join(' ')],
    ['Components', fields.components.join(' ')],
    ['Description', fields.description],
  ]);
  const sorted = Array.from(files).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return Buffer.from(lines + digestNames.map((name) => digestSection(name, sorted)).join(''));
}

/** The directory of one index, as its own small Release file tells of it. */
export type ComponentRelease = {
  /** The distribution: the directory below `dists`. */
  readonly archive: string;
  readonly component: string;
  /** `source` for a Sources index. */
  readonly architecture: string;
};

/**
 * Writes the Release file beside one Packages or Sources index, as aptly does.
 * @throws E_RELEASE_SYNTAX for a value that would not stay on its line
 */
export function renderComponentRelease(fields: ReleaseFields, index: ComponentRelease): Buffer {
  return Buffer.from(
    fieldLines([
      ['Origin', fields.origin],
      ['Label', fields.label],
      ['Archive', index.archive],
      ['Suite', fields.suite],
      ['Version', fields.version],
      ['Codename', fields.codename],
      ['Acquire-By-Hash', fields.acquireByHash ? 'yes' : undefined],
      ['Signed-By', fields.signedBy],
      ['Architecture', index.architecture],
      ['Component', index.component],
    ]),
  );
}

const textFields = {
  origin: 'Origin',
  label: 'Label',
  suite: 'Suite',
  codename: 'Codename',
  version: 'Version',
  notAutomatic: 'NotAutomatic',
  butAutomaticUpgrades: 'ButAutomaticUpgrades',
} as const;

function readTexts(stanza: Stanza): { readonly [Key in keyof typeof textFields]?: string } {
  const present: { [key: string]: string } = {};
  for (const [key, field] of Object.entries(textFields)) {
    const value = stanza.get(field);
    if (value !== undefined && value !== '') present[key] = value;
  }
  return present;
}

function readDate(stanza: Stanza, field: string, what: string): Date | undefined {
  const text = stanza.get(field);
  return text === undefined ? undefined : inRelease(what, field, () => parseReleaseDate(text));
}

function readArchitectures(stanza: Stanza, what: string): readonly string[] {
  const architectures = words(stanza.get('Architectures'));
  for (const architecture of architectures) {
    if (!isArchitecture(architecture)) {
      throw releaseError(what, 'Architectures', `"${architecture}" is not an architecture`);
    }
  }
  return architectures;
}

function readComponents(stanza: Stanza, what: string): readonly string[] {
  const components = words(stanza.get('Components'));
  for (const component of components) assertSafePath(component, `${what}: Components`);
  return components;
}

function readFiles(stanza: Stanza, what: string): ReadonlyMap<string, FileFacts> {
  const files = new Map<string, { readonly size: number; readonly digests: DigestDraft }>();
  for (const digest of digestNames) {
    const field = digestFieldNames[digest];
    const list = stanza.get(field) ?? '';
    for (const { hex, size, name } of inRelease(what, field, () => parseFileList(list))) {
      const path = archivePath(name, `${what}: ${field}`);
      inRelease(what, field, () => mergeFile(files, { name: path, size, digest, hex }));
    }
  }
  return files;
}

function fieldLines(fields: readonly (readonly [name: string, value: string | undefined])[]): string {
  let lines = '';
  for (const [name, value] of fields) {
    if (value === undefined || value === '') continue;
    if (/[\u0000-\u001f\u007f]/.test(value)) {
      throw releaseError('Release', name, 'the value has a line break or control character');
    }
    lines += `${name}: ${value}\n`;
  }
  return lines;
}

function digestSection(name: DigestName, files: readonly (readonly [string, FileFacts])[]): string {
  let lines = '';
  for (const [path, { size, digests }] of files) {
    const hex = digests[name];
    if (hex !== undefined) lines += ` ${hex} ${String(size).padStart(8)} ${path}\n`;
  }
  return lines === '' ? '' : `${digestFieldNames[name]}:\n${lines}`;
}

function words(text: string | undefined): readonly string[] {
  return (text ?? '').split(/[ \t\n]+/).filter((word) => word !== '');
}

function inRelease<Value>(what: string, field: string, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    if (isEspejoError(cause, 'E_CONTROL_SYNTAX')) throw releaseError(what, field, cause.message, cause);
    throw cause;
  }
}

function releaseError(what: string, field: string, problem: string, cause?: unknown): EspejoError {
  return new EspejoError('E_RELEASE_SYNTAX', `${what}: ${field}: ${problem}`, {
    cause,
    context: { what, field },
  });
}
