import { type DigestName, digestNames, type FileFacts } from '../core/digest.ts';
import { EspejoError, isEspejoError } from '../core/errors.ts';
import { Stanza } from './control.ts';
import type { DigestDraft } from './file-facts.ts';
import { isArchitecture } from './index-fields.ts';
import { mendParagraph } from './mend-paragraph.ts';
import { archivePath, digestFieldNames, pathProblem } from './paths.ts';
import { parseReleaseDate, printReleaseDate } from './release-date.ts';
import { mergeFile, parseFileList } from './source-files.ts';
import { wordsOf } from './words.ts';

/** What the Release file of a suite says. Its text is believed only after its signature was. */
export type Release = {
  readonly stanza: Stanza;
  readonly origin?: string;
  readonly label?: string;
  readonly suite?: string;
  readonly codename?: string;
  readonly version?: string;
  /** Undefined when it is missing or cannot be read; apt 2.6 warns and goes on. */
  readonly date: Date | undefined;
  /** Undefined also when it cannot be read, as for apt. */
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
  /** Of paths that are not among the files, since sections contradict each other about them: how. */
  readonly contradicted: ReadonlyMap<string, string>;
  /** What was odd and does not matter as long as nobody needs it, a line each that names the file and the field. */
  readonly faults: readonly string[];
};

/**
 * Reads a Release file, or the text of an InRelease without its armour, as apt 2.6 does: what it passes over (an odd Date,
 * lines that are no field, odd lines of the lists) is a fault to be told.
 * @param what names the file in errors: its URL or path
 * @throws E_RELEASE_SYNTAX when nothing can be read in it
 */
export function parseRelease(text: Uint8Array, what: string): Release {
  const faults: string[] = [];
  const reading: Reading = { what, fault: (field, problem) => faults.push(`${what}: ${field}: ${problem}`) };
  const stanza = readStanza(text, reading);
  const date = readDate(stanza, 'Date', reading);
  if (date === undefined && stanza.get('Date') === undefined) reading.fault('Date', 'it is missing');
  const validUntil = readDate(stanza, 'Valid-Until', reading);
  return {
    stanza,
    ...readTexts(stanza),
    date,
    ...(validUntil === undefined ? {} : { validUntil }),
    architectures: readArchitectures(stanza, reading),
    components: readComponents(stanza, reading),
    acquireByHash: isTrue(stanza.get('Acquire-By-Hash')),
    ...readFiles(stanza, reading),
    faults,
  };
}

/**
 * What Release says of a file; undefined when it lists none.
 * @throws E_RELEASE_SYNTAX for one that it contradicts itself about
 */
export function listedFacts({ files, contradicted }: Release, path: string): FileFacts | undefined {
  const problem = contradicted.get(path);
  if (problem === undefined) return files.get(path);
  throw new EspejoError('E_RELEASE_SYNTAX', problem, {
    context: { path },
    hint: 'the archive has to correct its Release file',
  });
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

type Reading = { readonly what: string; readonly fault: (field: string, problem: string) => void };

/** The first paragraph; mended where it is not as the policy has it. */
function readStanza(text: Uint8Array, { what, fault }: Reading): Stanza {
  const bytes = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  const plain = bytes.includes('\r\n') ? withoutReturns(bytes, fault) : bytes;
  const [first, ...others] = paragraphsOf(plain);
  if (first === undefined) throw releaseError(what, 'fields', 'there are none');
  if (others.length > 0) fault('fields', 'what follows an empty line is not read');
  const stanza = new Stanza(first, what);
  if (!first.includes(0) && isWellFormed(stanza)) return stanza;
  const [mended = { raw: first, faults: [] }] = mendParagraph(first);
  for (const { field = 'fields', problem } of mended.faults) fault(field, problem);
  const better = new Stanza(mended.raw, what);
  if (better.fields.length === 0) throw releaseError(what, 'fields', 'there are none');
  return better;
}

function withoutReturns(bytes: Buffer, fault: Reading['fault']): Buffer {
  fault('fields', 'lines end in CR LF; read as if they did not');
  return Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
}

function paragraphsOf(bytes: Buffer): readonly Buffer[] {
  const texts = bytes.toString('latin1').split(/\n{2,}/);
  return texts
    .map((text) => text.replace(/^\n+/, '').replace(/\n+$/, ''))
    .filter((text) => text.trim() !== '')
    .map((text) => Buffer.from(text, 'latin1'));
}

function isWellFormed(stanza: Stanza): boolean {
  try {
    return stanza.fields.length > 0;
  } catch (error) {
    if (isEspejoError(error, 'E_CONTROL_SYNTAX')) return false;
    throw error;
  }
}

function readDate(stanza: Stanza, field: string, { fault }: Reading): Date | undefined {
  const text = stanza.get(field);
  if (text === undefined) return undefined;
  try {
    return parseReleaseDate(text);
  } catch (error) {
    if (!isEspejoError(error, 'E_CONTROL_SYNTAX')) throw error;
    fault(field, `${error.message}, and counts for nothing`);
    return undefined;
  }
}

function readArchitectures(stanza: Stanza, { fault }: Reading): readonly string[] {
  return listOf(stanza.get('Architectures')).filter((architecture) => {
    if (isArchitecture(architecture)) return true;
    fault('Architectures', `"${architecture}" is not an architecture and passed over`);
    return false;
  });
}

function readComponents(stanza: Stanza, { fault }: Reading): readonly string[] {
  return listOf(stanza.get('Components')).filter((component) => {
    const problem = pathProblem(component);
    if (problem === undefined) return true;
    fault('Components', `"${component}" is passed over: ${problem}`);
    return false;
  });
}

/** The words that apt takes for yes. */
function isTrue(text: string | undefined): boolean {
  return /^(yes|true|with|on|enable|1)$/i.test(text ?? '');
}

/**
 * Of a path that one section has twice the first line counts, as for apt. SHA256 and SHA512 that differ contradict each other;
 * a section of weak digests that differs from them is passed over.
 */
function readFiles(stanza: Stanza, reading: Reading): Pick<Release, 'files' | 'contradicted'> {
  const files = new Map<string, { readonly size: number; readonly digests: DigestDraft }>();
  const contradicted = new Map<string, string>();
  for (const digest of digestNames.toReversed()) {
    const field = digestFieldNames[digest];
    const seen = new Set<string>();
    for (const line of (stanza.get(field) ?? '').split('\n')) {
      const entry = readEntry(line, field, reading);
      if (entry === undefined) continue;
      if (seen.has(entry.name)) {
        reading.fault(field, `"${entry.name}" is listed twice, the first counts`);
        continue;
      }
      seen.add(entry.name);
      try {
        mergeFile(files, { ...entry, digest });
      } catch (error) {
        if (!isEspejoError(error, 'E_CONTROL_SYNTAX')) throw error;
        const known = files.get(entry.name)?.digests;
        const isPassedOver = digest === 'md5' || digest === 'sha1' ? isStrong(known) : known === undefined;
        reading.fault(field, isPassedOver ? `${error.message}; the line is passed over` : error.message);
        if (!isPassedOver) contradicted.set(entry.name, `${reading.what}: ${field}: ${error.message}`);
      }
    }
  }
  for (const path of contradicted.keys()) files.delete(path);
  return { files, contradicted };
}

function isStrong(digests: DigestDraft | undefined): boolean {
  return (digests?.sha256 ?? digests?.sha512) !== undefined;
}

function readEntry(
  line: string,
  field: string,
  { what, fault }: Reading,
): { readonly hex: string; readonly size: number; readonly name: string } | undefined {
  try {
    const [entry] = parseFileList(line);
    return entry === undefined ? undefined : { ...entry, name: archivePath(entry.name, `${what}: ${field}`) };
  } catch (error) {
    if (!isEspejoError(error, 'E_CONTROL_SYNTAX', 'E_UNSAFE_PATH')) throw error;
    const prefix = `${what}: ${field}: `;
    const problem = error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message;
    fault(field, `${problem}; the line is passed over`);
    return undefined;
  }
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

/** Words that some archives put commas between. */
function listOf(text: string | undefined): readonly string[] {
  return wordsOf(text?.replaceAll(',', ' '));
}

function releaseError(what: string, field: string, problem: string, cause?: unknown): EspejoError {
  return new EspejoError('E_RELEASE_SYNTAX', `${what}: ${field}: ${problem}`, {
    cause,
    context: { what, field },
  });
}
