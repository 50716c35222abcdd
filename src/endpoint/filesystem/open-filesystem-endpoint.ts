import { join } from 'node:path';
import { realPath } from '../../core/files.ts';
import { walkFiles } from '../../core/walk-files.ts';
import { assertSafePath } from '../../deb/paths.ts';
import type {
  Draft,
  Endpoint,
  LinkOptions,
  NewGeneration,
  Place,
  PublishedFile,
  Survey,
  UsedFile,
  View,
} from '../contract.ts';
import { DirectoryDraft } from './directory-draft.ts';
import { layoutOf, type PublicationLayout } from './layout.ts';
import { differingFiles, linkFiles, removePublished, removeTemporaries } from './link-files.ts';
import type { Storage } from './storage.ts';
import {
  finishTakeOver,
  flip,
  generationsIn,
  namesIn,
  removeGenerations,
  removeStrayLink,
  visibleTree,
} from './tree.ts';
import { viewOf } from './view.ts';
import { removeEmptyDirectories, withdraw } from './withdraw.ts';

/**
 * An {@link Endpoint} in a directory: generations are directories below `dists/.espejo/`, and `dists/<distribution>` is a
 * relative link to the current one, so that one rename changes everything that clients see.
 */
export function openFilesystemEndpoint(storage: Storage): Endpoint {
  return new FilesystemEndpoint(storage);
}

class FilesystemEndpoint implements Endpoint {
  readonly directory: string;
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.directory = storage.directory;
    this.#storage = storage;
  }

  /** The real directory: an endpoint may lead where another one does, or into `<rootDir>/public`. */
  identity(prefix: string): string {
    return realPath(join(this.directory, prefix));
  }

  nameOf(path: string): string {
    return join(this.directory, path);
  }

  async survey(place: Place, { mayBeForeign }: Parameters<Endpoint['survey']>[1]): Promise<Survey> {
    const layout = this.#layoutOf(place);
    await finishTakeOver(layout);
    const visible = await visibleTree(layout, mayBeForeign);
    await removeStrayLink(layout);
    return { visible, generations: await generationsIn(layout) };
  }

  async begin(place: Place, generation: NewGeneration): Promise<Draft> {
    return await DirectoryDraft.begin(this.#layoutOf(place), generation);
  }

  async commit(place: Place, id: string, options: Parameters<Endpoint['commit']>[2]): Promise<void> {
    await flip(this.#layoutOf(place), id, options);
  }

  async retain(place: Place, ids: readonly string[]): Promise<void> {
    await removeGenerations(this.#layoutOf(place), new Set(ids));
  }

  async withdraw(place: Place): Promise<void> {
    await withdraw(this.#layoutOf(place));
  }

  async link<File extends PublishedFile>(
    prefix: string,
    files: readonly File[],
    options: LinkOptions<File>,
  ): Promise<void> {
    await linkFiles(files, { ...options, prefix: this.#prefixOf(prefix), storage: this.#storage });
  }

  async differing<File extends PublishedFile>(
    prefix: string,
    files: readonly File[],
    source: LinkOptions<File>['source'],
  ): Promise<ReadonlySet<string>> {
    return differingFiles(this.#prefixOf(prefix), files, source);
  }

  async remove(
    prefix: string,
    paths: Iterable<string>,
    what: Parameters<Endpoint['remove']>[2],
  ): Promise<void> {
    if (what === 'published') await removePublished(this.#prefixOf(prefix), paths);
    else await removeTemporaries(this.#prefixOf(prefix), paths);
  }

  async sweep(prefix: string, directory: Parameters<Endpoint['sweep']>[1]): Promise<number> {
    return await removeEmptyDirectories(join(this.#prefixOf(prefix), directory));
  }

  async view(place: Place): Promise<View> {
    return await viewOf(this.#layoutOf(place), place);
  }

  async *files(place: Place, signal: AbortSignal): AsyncGenerator<UsedFile> {
    const layout = this.#layoutOf(place);
    for (const name of await namesIn(layout.generations))
      for await (const file of walkFiles(layout.generation(name), signal))
        yield { ...file, of: { generation: name } };
    for await (const file of walkFiles(layout.link, signal))
      yield { ...file, path: `dists/${place.distribution}/${file.path}`, of: 'visible' };
    for await (const file of walkFiles(join(layout.prefix, 'pool'), signal))
      yield { ...file, path: `pool/${file.path}`, of: 'pool' };
  }

  #layoutOf(place: Place): PublicationLayout {
    return layoutOf(this.directory, place);
  }

  /** @throws E_UNSAFE_PATH */
  #prefixOf(prefix: string): string {
    if (prefix !== '.') assertSafePath(prefix, 'prefix');
    return join(this.directory, prefix);
  }
}
