import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { GenerationSettings, IndexForm, PublicationPlace } from '../catalog/contract.ts';
import type { PackageFileRecord } from '../catalog/packages.ts';
import { mappingAborts, throwIfAborted } from '../core/abort.ts';
import { digestNames, type FileFacts } from '../core/digest.ts';
import type { StoredFile } from '../core/stored-file.ts';
import type { PackageFile } from '../deb/package.ts';
import { type ReleaseFields, renderComponentRelease } from '../deb/release.ts';
import { renderPackageStanza, renderSourceStanza } from '../deb/render-index.ts';
import { compressXz } from '../deb/xz.ts';
import { compressBzip2 } from './bzip2.ts';
import { ContentsIndexes, type ReadContents } from './contents-files.ts';
import { type Extra, extraFiles } from './extra-files.ts';
import { type DetachSign, installerFiles } from './installer-files.ts';
import { binaryOf, type PlacedPackage, type PlannedComponent, sourceOf } from './plan.ts';
import { indexFile, type RenderedFile } from './rendered-file.ts';

/** What a generation is rendered from. */
export type RenderInput = {
  readonly place: PublicationPlace;
  readonly settings: GenerationSettings;
  /** As Release files have them. */
  readonly fields: ReleaseFields;
  readonly components: readonly PlannedComponent[];
  /** Files that are passed through: AppStream metadata and skeleton files. */
  readonly extras: readonly Extra[];
};

export type RenderTools = {
  readonly signal: AbortSignal;
  readonly readContents: ReadContents;
  /** A file of the pool. */
  readonly pooled: (poolPath: string) => StoredFile;
  /** Undefined for an unsigned publication. */
  readonly detachSign: DetachSign | undefined;
  /** Takes an index as an earlier generation has it, if it would come out the same; undefined when it is to be rendered. */
  readonly reuse: (path: string) => Promise<FileFacts | undefined>;
};

/**
 * Renders all that Release describes, and the installer images, one file after the other so that few of them are in
 * memory at once. Indexes of architectures without packages are rendered empty, since apt refuses a suite that lacks one.
 */
export async function* renderFiles(input: RenderInput, tools: RenderTools): AsyncGenerator<RenderedFile> {
  const contents = input.settings.contents ? new ContentsIndexes(tools) : undefined;
  for (const component of input.components) {
    yield* componentFiles(input, component, { ...tools, contents });
    yield* installerFiles(input.place, component, { ...tools, architectures: input.settings.architectures });
  }
  if (contents !== undefined) yield* contents.together();
  yield* extraFiles(input.extras, tools.signal);
}

type ComponentTools = RenderTools & { readonly contents: ContentsIndexes | undefined };

/** What stands beside an index in its directory. */
type Directory = { readonly path: string; readonly component: string; readonly architecture: string };

async function* componentFiles(
  input: RenderInput,
  { name, packages }: PlannedComponent,
  tools: ComponentTools,
): AsyncGenerator<RenderedFile> {
  const { architectures } = input.settings;
  const stanzas = new StanzaRenderer(input.settings);
  const binaries = architectures.filter((architecture) => architecture !== 'source');
  const hasUdebs = packages.some(({ record: { kind } }) => kind === 'udeb');
  for (const architecture of architectures) {
    throwIfAborted(tools.signal);
    if (architecture === 'source') {
      const sources = packages.filter(({ record: { kind } }) => kind === 'source');
      const directory = { path: `${name}/source`, component: name, architecture };
      yield* directoryFiles(input, directory, {
        tools,
        index: 'Sources',
        content: () => stanzas.join(sources),
      });
      continue;
    }
    for (const kind of hasUdebs ? (['deb', 'udeb'] as const) : (['deb'] as const)) {
      const members = packages.filter(({ record }) => record.kind === kind && isFor(record, architecture));
      const parent = kind === 'udeb' ? `${name}/debian-installer` : name;
      const directory = { path: `${parent}/binary-${architecture}`, component: name, architecture };
      yield* directoryFiles(input, directory, {
        tools,
        index: 'Packages',
        content: () => stanzas.join(members),
      });
    }
  }
  if (tools.contents !== undefined) yield* tools.contents.ofComponent(name, packages, binaries);
}

type Index = { readonly path: string; readonly content: () => readonly Buffer[] };

async function* directoryFiles(
  { place, settings, fields }: RenderInput,
  { path, component, architecture }: Directory,
  { tools, index, content }: { tools: RenderTools; index: string; content: () => readonly Buffer[] },
): AsyncGenerator<RenderedFile> {
  const files = indexForms({ path: `${path}/${index}`, content }, settings.forms, tools);
  for await (const file of files) yield { ...file, component };
  const release = renderComponentRelease(fields, {
    archive: place.distribution,
    component,
    architecture,
  });
  yield indexFile(`${path}/Release`, [release]);
}

/** An index and its compressed forms; what an earlier generation has of them is neither rendered nor compressed. */
async function* indexForms(
  { path, content }: Index,
  forms: readonly IndexForm[],
  { reuse, signal }: RenderTools,
): AsyncGenerator<RenderedFile> {
  const reused = new Map<string, RenderedFile>();
  const paths = [path, ...forms.map((form) => `${path}.${form}`)];
  for (const one of paths) {
    const facts = await reuse(one);
    if (facts !== undefined)
      reused.set(one, { path: one, content: undefined, facts, listed: true, byHash: true });
  }
  const pieces = reused.size === paths.length ? [] : content();
  const compressed = Promise.all(
    forms.map(async (form) => {
      const name = `${path}.${form}`;
      return reused.get(name) ?? indexFile(name, await compressors[form](pieces, signal));
    }),
  );
  // Nobody waits for it when the plain one cannot be written.
  compressed.catch(() => undefined);
  yield reused.get(path) ?? indexFile(path, pieces);
  yield* await compressed;
}

type Compress = (pieces: readonly Buffer[], signal: AbortSignal) => Promise<readonly Buffer[]>;

/** Level 6 takes a third of the time of level 9 and 1 % more room. */
const gzipOptions = { level: 6, chunkSize: 256 * 1024 };

const compressors: Readonly<Record<IndexForm, Compress>> = {
  gz: async (pieces, signal) =>
    await mappingAborts(signal, Readable.from(pieces).pipe(createGzip(gzipOptions)).toArray({ signal })),
  xz: async (pieces) => [await compressXz(Buffer.concat(pieces))],
  bz2: async (pieces, signal) => [await compressBzip2(pieces, signal)],
};

/** `all` is on every architecture. */
function isFor(record: PlacedPackage['record'], architecture: string): boolean {
  return record.architecture === architecture || record.architecture === 'all';
}

const blankLine = Buffer.from('\n');
/** Bytes of an index that are one piece. */
const pieceBytes = 1 << 20;

/** Renders stanzas; those that stand in several indexes once. */
class StanzaRenderer {
  readonly #shared = new Map<PlacedPackage, Buffer>();
  readonly #isShared: boolean;
  readonly #settings: GenerationSettings;

  constructor(settings: GenerationSettings) {
    this.#settings = settings;
    const { architectures } = settings;
    this.#isShared = architectures.filter((architecture) => architecture !== 'source').length > 1;
  }

  /** Each stanza with the blank line after it, in pieces. */
  join(packages: readonly PlacedPackage[]): readonly Buffer[] {
    const pieces: Buffer[] = [];
    let parts: Buffer[] = [];
    let bytes = 0;
    for (const pkg of packages) {
      const stanza = this.#render(pkg);
      parts.push(stanza, blankLine);
      bytes += stanza.length + blankLine.length;
      if (bytes < pieceBytes) continue;
      pieces.push(Buffer.concat(parts));
      [parts, bytes] = [[], 0];
    }
    if (bytes > 0) pieces.push(Buffer.concat(parts));
    return pieces;
  }

  #render(pkg: PlacedPackage): Buffer {
    const rendered = this.#shared.get(pkg);
    if (rendered !== undefined) return rendered;
    const stanza = renderStanza(pkg, this.#settings);
    if (this.#isShared && pkg.record.architecture === 'all') this.#shared.set(pkg, stanza);
    return stanza;
  }
}

function renderStanza(
  { record, directory, files }: PlacedPackage,
  { listedDigests = false }: GenerationSettings,
): Buffer {
  const { kind, files: known } = record;
  if (kind !== 'deb' && kind !== 'udeb') {
    const pkg = sourceOf(record);
    const shown = listedDigests ? known.map((file, at) => asListed(file, pkg.files[at])) : known;
    return renderSourceStanza(pkg, directory, shown);
  }
  const pkg = binaryOf(record, kind);
  const [file] = known;
  const shown = file !== undefined && listedDigests ? asListed(file, pkg.file) : file;
  return renderPackageStanza(pkg, files[0]?.path ?? '', shown);
}

/** Without the digests that upstream does not list; indexes would grow by a third. */
function asListed(file: PackageFileRecord, listed: PackageFile | undefined): PackageFileRecord {
  const names = digestNames.filter((name) => name === 'sha256' || listed?.facts.digests[name] !== undefined);
  return { ...file, digests: Object.fromEntries(names.map((name) => [name, file.digests[name]])) };
}
