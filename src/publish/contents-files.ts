import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { PackageRecord } from '../catalog/contract.ts';
import { throwIfAborted } from '../core/abort.ts';
import { DigestMeter } from '../core/digest.ts';
import type { BinaryPackage } from '../deb/package.ts';
import { type ContentsRun, ContentsRuns, renderContents } from './contents-index.ts';
import { binaryOf, type PlacedPackage } from './plan.ts';
import { indexFile, type RenderedFile } from './rendered-file.ts';

/** The paths that a binary package installs, one character for each byte. */
export type ReadContents = (record: PackageRecord) => Promise<readonly string[]>;

type Tools = { readonly readContents: ReadContents; readonly signal: AbortSignal };

/**
 * The Contents indexes of a publication: of each component as it comes, and of all together at the end. Only the
 * compressed form is stored; an index of nothing is left out.
 */
export class ContentsIndexes {
  readonly #tools: Tools;
  /** File name to what all components have of it. */
  readonly #together = new Map<string, ContentsRun[]>();

  constructor(tools: Tools) {
    this.#tools = tools;
  }

  async *ofComponent(
    component: string,
    packages: readonly PlacedPackage[],
    architectures: readonly string[],
  ): AsyncGenerator<RenderedFile> {
    const own = await this.#collect(packages, architectures);
    for (const [name, runs] of own) {
      this.#together.set(name, [...(this.#together.get(name) ?? []), ...runs]);
      yield* this.#render(`${component}/${name}`, runs);
    }
  }

  async *together(): AsyncGenerator<RenderedFile> {
    for (const [name, runs] of this.#together) yield* this.#render(name, runs);
  }

  async #collect(
    packages: readonly PlacedPackage[],
    architectures: readonly string[],
  ): Promise<ReadonlyMap<string, readonly ContentsRun[]>> {
    const collected = new Map<string, ContentsRuns>();
    for (const { record } of packages) {
      const { kind } = record;
      if (kind !== 'deb' && kind !== 'udeb') continue;
      const wanted = architectures.filter(
        (own) => own === record.architecture || record.architecture === 'all',
      );
      if (wanted.length === 0) continue;
      throwIfAborted(this.#tools.signal);
      const location = locationOf(binaryOf(record, kind));
      const paths = await this.#tools.readContents(record);
      for (const architecture of wanted) {
        const name = `Contents-${kind === 'udeb' ? 'udeb-' : ''}${architecture}`;
        const runs = collected.get(name) ?? new ContentsRuns();
        collected.set(name, runs);
        runs.add(location, paths);
      }
    }
    return new Map(Array.from(collected, ([name, runs]) => [name, runs.runs()]));
  }

  async *#render(path: string, runs: readonly ContentsRun[]): AsyncGenerator<RenderedFile> {
    const meter = new DigestMeter();
    const plain = Readable.from(measured(renderContents(runs), meter));
    const pieces: Buffer[] = await plain.pipe(createGzip()).toArray({ signal: this.#tools.signal });
    const facts = meter.finish();
    if (facts.size === 0) return;
    yield { path, content: undefined, facts, listed: true, byHash: false };
    yield indexFile(`${path}.gz`, pieces);
  }
}

function* measured(pieces: Iterable<Buffer>, meter: DigestMeter): Generator<Buffer, void> {
  for (const piece of pieces) {
    meter.update(piece);
    yield piece;
  }
}

function locationOf({ section, name }: BinaryPackage): string {
  return section === '' ? name : `${section}/${name}`;
}
