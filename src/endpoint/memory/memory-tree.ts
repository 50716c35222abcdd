import { EspejoError } from '../../core/errors.ts';
import type { Place, Visible } from '../contract.ts';
import { assertPlace, storeOf } from '../place.ts';
import type { ObjectStore, StoredObject } from './object-store.ts';

/** Put last of a generation: it is whole. */
const sealName = '.sealed';
/** Files of a Release in the order in which clients may see them change. */
const releaseNames: readonly string[] = ['Release', 'Release.gpg', 'InRelease'];

/** The objects of one publication: its generations, each under its own names, and what clients see. */
export class MemoryTree {
  readonly #store: ObjectStore;
  /** Beginnings of names. */
  readonly #visible: string;
  readonly #generations: string;
  readonly #takenOver: string;
  /** Distributions that this one would be inside of. */
  readonly #around: readonly string[];

  /** @throws E_UNSAFE_PATH */
  constructor(store: ObjectStore, place: Place) {
    assertPlace(place);
    const root = rootOf(place.prefix);
    const parts = place.distribution.split('/');
    this.#store = store;
    this.#visible = `${root}dists/${place.distribution}/`;
    this.#generations = `${root}dists/${storeOf(place.distribution)}/`;
    this.#takenOver = `${this.#generations}.taken-over/`;
    this.#around = parts.slice(1).map((_, at) => `${root}dists/${parts.slice(0, at + 1).join('/')}/`);
  }

  nameIn(id: string, path: string): string {
    return `${this.#generations}${id}/${path}`;
  }

  visibleName(path: string): string {
    return this.#visible + path;
  }

  /** @throws E_PUBLISH_CONFLICT */
  visible(mayBeForeign: boolean): Visible {
    const parent = this.#around.find((one) => this.#newestRelease(one) !== undefined);
    if (parent !== undefined) throw foreignTree(parent);
    const newest = this.#newestRelease(this.#visible);
    if (newest?.generation !== undefined) return { kind: 'generation', id: newest.generation };
    if (newest === undefined && this.#foreignNames().length === 0) return { kind: 'nothing' };
    if (mayBeForeign) return { kind: 'foreign' };
    throw foreignTree(this.#visible);
  }

  /** What tells trees apart that were visible one after the other. */
  version(): number | undefined {
    return this.#newestRelease(this.#visible)?.version;
  }

  /** Ids of the generations that are whole. */
  generations(): readonly string[] {
    return this.allGenerations().filter((id) => this.#store.get(this.nameIn(id, sealName)) !== undefined);
  }

  allGenerations(): readonly string[] {
    const names = this.#store.names(this.#generations).map((name) => name.slice(this.#generations.length));
    return [...new Set(names.map((name) => name.slice(0, name.indexOf('/'))))];
  }

  filesOf(id: string): readonly string[] {
    return this.#below(this.nameIn(id, '')).filter((path) => path !== sealName);
  }

  visibleFiles(): readonly string[] {
    return this.#below(this.#visible);
  }

  seal(id: string): void {
    this.#store.put(this.nameIn(id, sealName), { ...emptyObject, generation: id });
  }

  /** Shows a generation: by-hash names, indexes, Release, Release.gpg, and InRelease last; then removes what it has not. */
  show(id: string): void {
    const files = this.filesOf(id);
    for (const path of files.toSorted(byTurn)) this.#copy(this.nameIn(id, path), this.visibleName(path));
    const kept = new Set(files);
    const needless = this.visibleFiles().filter((path) => !kept.has(path));
    // Until InRelease has gone, clients go by it.
    for (const path of needless.toSorted(byTurnOfRemoval)) this.#store.delete(this.visibleName(path));
    this.#deleteBelow(this.#takenOver);
  }

  /** Keeps what another program has published until the first generation is shown. */
  takeOver(): void {
    for (const path of this.visibleFiles()) this.#copy(this.visibleName(path), this.#takenOver + path);
  }

  /** Ends, or takes back, what a run that died has begun to show. */
  mend(visible: Visible): void {
    if (visible.kind === 'generation') {
      if (this.generations().includes(visible.id)) this.show(visible.id);
      return;
    }
    for (const path of this.#below(this.#takenOver))
      this.#copy(this.#takenOver + path, this.visibleName(path));
    for (const path of this.visibleFiles())
      if (this.#store.get(this.visibleName(path))?.generation !== undefined)
        this.#store.delete(this.visibleName(path));
    this.#deleteBelow(this.#takenOver);
  }

  discard(id: string): void {
    this.#store.delete(this.nameIn(id, sealName));
    this.#deleteBelow(this.nameIn(id, ''));
  }

  hide(): void {
    for (const name of releaseNames.toReversed()) this.#store.delete(this.visibleName(name));
    this.#deleteBelow(this.#visible);
  }

  #newestRelease(beginning: string): StoredObject | undefined {
    return this.#store.get(`${beginning}InRelease`) ?? this.#store.get(`${beginning}Release`);
  }

  #foreignNames(): readonly string[] {
    return this.#store.names(this.#visible).filter((name) => this.#store.get(name)?.generation === undefined);
  }

  #below(beginning: string): readonly string[] {
    return this.#store.names(beginning).map((name) => name.slice(beginning.length));
  }

  #copy(from: string, to: string): void {
    const object = this.#store.get(from);
    const there = this.#store.get(to);
    if (object === undefined) return;
    if (object.sha256 !== there?.sha256 || object.generation !== there.generation)
      this.#store.put(to, object);
  }

  #deleteBelow(beginning: string): void {
    for (const name of this.#store.names(beginning)) this.#store.delete(name);
  }
}

/** How the names below a prefix begin. */
export function rootOf(prefix: string): string {
  return prefix === '.' ? '' : `${prefix}/`;
}

const emptyObject = { bytes: Buffer.alloc(0), sha256: '' };

function byTurn(a: string, b: string): number {
  return turnOf(a) - turnOf(b);
}

function turnOf(path: string): number {
  if (releaseNames.includes(path)) return 2 + releaseNames.indexOf(path);
  return path.includes('/by-hash/') ? 0 : 1;
}

function byTurnOfRemoval(a: string, b: string): number {
  return turnOfRemoval(a) - turnOfRemoval(b);
}

function turnOfRemoval(path: string): number {
  if (path === 'InRelease') return 1;
  return releaseNames.includes(path) ? 0 : 2;
}

function foreignTree(name: string): EspejoError {
  return new EspejoError('E_PUBLISH_CONFLICT', `${name}: is taken by a tree that espejo did not publish`, {
    hint: 'move it away, or choose another prefix or distribution for the publication',
  });
}
