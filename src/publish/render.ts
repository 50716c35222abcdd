import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { GenerationSettings, IndexForm, PublicationPlace } from '../catalog/contract.ts';
import { throwIfAborted } from '../core/abort.ts';
import { BinaryPackage } from '../deb/package.ts';
import { type ReleaseFields, renderComponentRelease } from '../deb/release.ts';
import { comparePackages, renderPackageStanza, renderSourceStanza } from '../deb/render-index.ts';
import { compressXz } from '../deb/xz.ts';
import { compressBzip2 } from './bzip2.ts';
import { ContentsIndexes, type ReadContents } from './contents-files.ts';
import { type Extra, extraFiles } from './extra-files.ts';
import { type DetachSign, installerFiles } from './installer-files.ts';
import type { PlacedPackage, PlannedComponent } from './plan.ts';
import { indexFile, type RenderedFile } from './rendered-file.ts';

const gzipAsync = promisify(gzip);

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
  /** Absolute path of a pool file. */
  readonly pooled: (poolPath: string) => string;
  /** Undefined for an unsigned publication. */
  readonly detachSign: DetachSign | undefined;
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
  const sorted = packages.toSorted((a, b) => comparePackages(a.package, b.package));
  const stanzas = new StanzaRenderer(architectures);
  const binaries = architectures.filter((one) => one !== 'source');
  const hasUdebs = sorted.some(({ package: { kind } }) => kind === 'udeb');
  for (const architecture of architectures) {
    throwIfAborted(tools.signal);
    if (architecture === 'source') {
      const sources = sorted.filter(({ package: { kind } }) => kind === 'source');
      const directory = { path: `${name}/source`, component: name, architecture };
      yield* directoryFiles(input, directory, { tools, index: 'Sources', content: stanzas.join(sources) });
      continue;
    }
    for (const kind of hasUdebs ? (['deb', 'udeb'] as const) : (['deb'] as const)) {
      const members = sorted.filter(({ package: one }) => one.kind === kind && isFor(one, architecture));
      const parent = kind === 'udeb' ? `${name}/debian-installer` : name;
      const directory = { path: `${parent}/binary-${architecture}`, component: name, architecture };
      yield* directoryFiles(input, directory, { tools, index: 'Packages', content: stanzas.join(members) });
    }
  }
  if (tools.contents !== undefined) yield* tools.contents.ofComponent(name, sorted, binaries);
}

async function* directoryFiles(
  { place, settings, fields }: RenderInput,
  { path, component, architecture }: Directory,
  { tools, index, content }: { tools: RenderTools; index: string; content: Buffer },
): AsyncGenerator<RenderedFile> {
  const compressed = settings.forms.map(async (form) =>
    indexFile(`${path}/${index}.${form}`, await compressors[form](content, tools.signal)),
  );
  yield indexFile(`${path}/${index}`, content);
  yield* await Promise.all(compressed);
  const release = renderComponentRelease(fields, {
    archive: place.distribution,
    component,
    architecture,
  });
  yield indexFile(`${path}/Release`, release);
}

type Compress = (bytes: Buffer, signal: AbortSignal) => Promise<Buffer>;

/** Level 6 of gzip takes a third of the time of level 9 and 1 % more room. */
const compressors: Readonly<Record<IndexForm, Compress>> = {
  gz: (bytes) => gzipAsync(bytes, { level: 6 }),
  xz: compressXz,
  bz2: compressBzip2,
};

/** `all` is on every architecture. */
function isFor({ architecture: own }: PlacedPackage['package'], architecture: string): boolean {
  return own === architecture || own === 'all';
}

const blankLine = Buffer.from('\n');

/** Renders stanzas; those that stand in several indexes once. */
class StanzaRenderer {
  readonly #shared = new Map<PlacedPackage, Buffer>();
  readonly #isShared: boolean;

  constructor(architectures: readonly string[]) {
    this.#isShared = architectures.filter((one) => one !== 'source').length > 1;
  }

  /** Each stanza with the blank line after it. */
  join(packages: readonly PlacedPackage[]): Buffer {
    return Buffer.concat(packages.flatMap((one) => [this.#render(one), blankLine]));
  }

  #render(one: PlacedPackage): Buffer {
    const known = this.#shared.get(one);
    if (known !== undefined) return known;
    const stanza = renderStanza(one);
    if (this.#isShared && one.package.architecture === 'all') this.#shared.set(one, stanza);
    return stanza;
  }
}

function renderStanza({ package: one, directory, files }: PlacedPackage): Buffer {
  if (one instanceof BinaryPackage) return renderPackageStanza(one, files[0]?.path ?? '', files[0]?.digests);
  return renderSourceStanza(one, directory, files);
}
