import { throwIfAborted } from '../../core/abort.ts';
import { digestNames, sha256Hex } from '../../core/digest.ts';
import { EspejoError, isEspejoError } from '../../core/errors.ts';
import type { StoredFile } from '../../core/stored-file.ts';
import { assertSafeFilePath, assertSafePath, byHashPath } from '../../deb/paths.ts';
import { parseRelease, type Release } from '../../deb/release.ts';
import type {
  Draft,
  Endpoint,
  GenerationFile,
  LinkOptions,
  NewGeneration,
  OpenFile,
  Place,
  PublishedFile,
  Survey,
  UsedFile,
  View,
} from '../contract.ts';
import { MemoryTree, rootOf } from './memory-tree.ts';
import type { ObjectStore } from './object-store.ts';

/**
 * An {@link Endpoint} in memory that works as those in object stores must: whole objects by name, without links and renames.
 * A generation is kept under names of its own and copied to those that clients ask for, InRelease last.
 */
export function openMemoryEndpoint(store: ObjectStore): Endpoint {
  return new MemoryEndpoint(store);
}

class MemoryEndpoint implements Endpoint {
  readonly directory = undefined;
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  identity(prefix: string): string {
    return this.nameOf(prefix);
  }

  nameOf(path: string): string {
    return `memory:${path}`;
  }

  async survey(place: Place, { mayBeForeign }: Parameters<Endpoint['survey']>[1]): Promise<Survey> {
    const tree = new MemoryTree(this.#store, place);
    tree.mend(tree.visible(mayBeForeign));
    return { visible: tree.visible(mayBeForeign), generations: tree.generations() };
  }

  async begin(place: Place, generation: NewGeneration): Promise<Draft> {
    const tree = new MemoryTree(this.#store, place);
    tree.discard(generation.id);
    return new MemoryDraft(this.#store, tree, generation);
  }

  async commit(place: Place, id: string, { takesOver }: Parameters<Endpoint['commit']>[2]): Promise<void> {
    const tree = new MemoryTree(this.#store, place);
    if (tree.visible(takesOver).kind === 'foreign') tree.takeOver();
    tree.show(id);
  }

  async retain(place: Place, ids: readonly string[]): Promise<void> {
    const tree = new MemoryTree(this.#store, place);
    const kept = tree.generations().filter((id) => ids.includes(id));
    for (const id of tree.allGenerations()) if (!kept.includes(id)) tree.discard(id);
  }

  async withdraw(place: Place): Promise<void> {
    const tree = new MemoryTree(this.#store, place);
    tree.hide();
    for (const id of tree.allGenerations()) tree.discard(id);
  }

  async link<File extends PublishedFile>(
    prefix: string,
    files: readonly File[],
    { check, source, onDifferent, signal }: LinkOptions<File>,
  ): Promise<void> {
    const root = safeRoot(prefix);
    for (const { path } of files) assertSafeFilePath(path, 'published file');
    for (const file of files) {
      throwIfAborted(signal);
      await check(file);
      const known = this.#store.get(root + file.path);
      if (known?.sha256 === file.sha256) continue;
      if (known !== undefined) await onDifferent(file, this.nameOf(root + file.path));
      const bytes = await bytesOf(source(file));
      if (sha256Hex(bytes) !== file.sha256)
        throw new EspejoError('E_DIGEST_MISMATCH', `${file.path}: is not what its index says`);
      this.#store.put(root + file.path, { bytes, sha256: file.sha256, generation: undefined });
    }
  }

  async differing<File extends PublishedFile>(
    prefix: string,
    files: readonly File[],
  ): Promise<ReadonlySet<string>> {
    const root = safeRoot(prefix);
    const differing = files.filter(({ path, sha256 }) => {
      const known = this.#store.get(root + path);
      return known !== undefined && known.sha256 !== sha256;
    });
    return new Set(differing.map(({ path }) => path));
  }

  /** Nothing is ever unfinished: an object is put whole. */
  async remove(
    prefix: string,
    paths: Iterable<string>,
    what: Parameters<Endpoint['remove']>[2],
  ): Promise<void> {
    const root = safeRoot(prefix);
    if (what === 'published') for (const path of paths) this.#store.delete(root + path);
  }

  async sweep(prefix: string, directory: Parameters<Endpoint['sweep']>[1]): Promise<number> {
    return this.#store.names(`${safeRoot(prefix)}${directory}/`).length;
  }

  async view(place: Place): Promise<View> {
    const tree = new MemoryTree(this.#store, place);
    const seen = tree.visible(true);
    const own = `dists/${place.distribution}/`;
    const nameOf = (path: string): string => {
      if (!path.startsWith(own)) return rootOf(place.prefix) + path;
      const inTree = path.slice(own.length);
      return seen.kind === 'generation' ? tree.nameIn(seen.id, inTree) : tree.visibleName(inTree);
    };
    const version = tree.version();
    return {
      identity: seen.kind === 'nothing' ? undefined : `${version}`,
      open: async (path) => this.#open(nameOf(path)),
    };
  }

  async *files(place: Place, signal: AbortSignal): AsyncGenerator<UsedFile> {
    const tree = new MemoryTree(this.#store, place);
    const used = (name: string, path: string, of: UsedFile['of']): UsedFile => {
      throwIfAborted(signal);
      const object = this.#store.get(name);
      return { of, path, size: object?.bytes.length ?? 0, identity: name };
    };
    for (const id of tree.allGenerations())
      for (const path of tree.filesOf(id)) yield used(tree.nameIn(id, path), path, { generation: id });
    for (const path of tree.visibleFiles())
      yield used(tree.visibleName(path), `dists/${place.distribution}/${path}`, 'visible');
    const root = rootOf(place.prefix);
    for (const name of this.#store.names(`${root}pool/`)) yield used(name, name.slice(root.length), 'pool');
  }

  #open(name: string): OpenFile | undefined {
    const bytes = this.#store.get(name)?.bytes;
    return bytes === undefined ? undefined : { size: bytes.length, read: () => once(bytes) };
  }
}

class MemoryDraft implements Draft {
  readonly #store: ObjectStore;
  readonly #tree: MemoryTree;
  readonly #id: string;

  constructor(store: ObjectStore, tree: MemoryTree, { id }: NewGeneration) {
    this.#store = store;
    this.#tree = tree;
    this.#id = id;
  }

  async write({ content, ...file }: GenerationFile): Promise<void> {
    this.#put(file, 'read' in content ? await bytesOf(content) : Buffer.concat(content));
  }

  async reuse(file: Omit<GenerationFile, 'content'>, from: string): Promise<boolean> {
    const object = this.#store.get(this.#tree.nameIn(from, file.path));
    if (object === undefined || sha256Hex(object.bytes) !== file.facts.digests.sha256) return false;
    this.#put(file, object.bytes);
    return true;
  }

  async carry(from: Parameters<Draft['carry']>[0]): Promise<void> {
    const nameOf = (path: string): string =>
      from === 'foreign' ? this.#tree.visibleName(path) : this.#tree.nameIn(from.generation, path);
    const release = readRelease(this.#store.get(nameOf('Release'))?.bytes);
    if (release?.acquireByHash !== true) return;
    for (const [path, facts] of release.files) {
      const object = this.#store.get(nameOf(path));
      if (object !== undefined) this.#putByHash({ path, facts }, object.bytes);
    }
  }

  async seal(release: Parameters<Draft['seal']>[0]): Promise<void> {
    for (const [name, bytes] of release) this.#putObject(name, bytes);
    this.#tree.seal(this.#id);
  }

  async discard(): Promise<void> {
    this.#tree.discard(this.#id);
  }

  #put({ path, facts, byHash }: Omit<GenerationFile, 'content'>, bytes: Buffer): void {
    assertSafeFilePath(path, 'generation');
    this.#putObject(path, bytes);
    if (byHash) this.#putByHash({ path, facts }, bytes);
  }

  #putByHash({ path, facts }: Pick<GenerationFile, 'path' | 'facts'>, bytes: Buffer): void {
    for (const name of digestNames) {
      const hex = facts.digests[name];
      if (hex !== undefined) this.#putObject(byHashPath(path, name, hex), bytes);
    }
  }

  #putObject(path: string, bytes: Buffer): void {
    const object = { bytes, sha256: sha256Hex(bytes), generation: this.#id };
    this.#store.put(this.#tree.nameIn(this.#id, path), object);
  }
}

/** @throws E_UNSAFE_PATH */
function safeRoot(prefix: string): string {
  if (prefix !== '.') assertSafePath(prefix, 'prefix');
  return rootOf(prefix);
}

async function bytesOf(file: StoredFile): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(file.read()));
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

function readRelease(bytes: Buffer | undefined): Release | undefined {
  try {
    return bytes === undefined ? undefined : parseRelease(bytes, 'Release');
  } catch (error) {
    if (isEspejoError(error, 'E_RELEASE_SYNTAX', 'E_UNSAFE_PATH')) return undefined;
    throw error;
  }
}
