import { findObject, type WithObjects } from '../catalog/find-object.ts';
import { repoText, snapshotText } from '../catalog/labels.ts';
import type { MirrorObject, PublicationObject, RepoObject, SnapshotObject } from '../catalog/objects.ts';
import { EspejoError } from '../core/errors.ts';
import type { Ports } from '../packages/ports.ts';
import { snapshotSources } from '../snapshot/snapshots.ts';

/** What can be published. */
export type PublishedSource =
  | { readonly kind: 'snapshot'; readonly object: SnapshotObject }
  | { readonly kind: 'repo'; readonly object: RepoObject };

/** @throws E_OBJECT_NOT_FOUND */
export async function findSource(
  ports: WithObjects,
  sourceKind: PublicationObject['sourceKind'],
  name: string,
): Promise<PublishedSource> {
  return sourceKind === 'repo'
    ? { kind: 'repo', object: await findObject(ports, 'repo', name) }
    : { kind: 'snapshot', object: await findObject(ports, 'snapshot', name) };
}

/** What publishing guesses from the sources (spec/semantics.md 7.2). */
export type Guessed = {
  readonly distribution: string;
  /** In the order of the sources. */
  readonly components: readonly string[];
};

/**
 * Completes what was not given from where the sources come from.
 * @param given.components one for each source, empty for those to be guessed
 * @throws E_BAD_VALUE when nothing, or several things, can be guessed, and for a component that comes twice
 */
export async function guess(
  ports: Pick<Ports, 'catalog'>,
  sources: readonly PublishedSource[],
  given: { readonly distribution: string; readonly components: readonly string[] },
): Promise<Guessed> {
  const roots = await Promise.all(sources.map((source) => rootsOf(ports, source)));
  const components: string[] = [];
  for (const [at, source] of sources.entries()) {
    const component = given.components[at] || guessComponent(source, roots[at] ?? [], sources.length);
    if (components.includes(component))
      throw new EspejoError('E_BAD_VALUE', `duplicate component name: ${component}`);
    components.push(component);
  }
  const distribution = given.distribution === '' ? guessDistribution(roots.flat()) : given.distribution;
  return { distribution, components };
}

/**
 * A value that all source snapshots have, on one line; empty when they differ, or for repositories. It comes from the
 * Release file of an upstream, where a field may go on in further lines.
 */
export function commonValue(
  sources: readonly PublishedSource[],
  field: 'origin' | 'notAutomatic' | 'butAutomaticUpgrades',
): string {
  const values = new Set(sources.map(({ kind, object }) => (kind === 'snapshot' ? object[field] : '')));
  const [only = ''] = values;
  return values.size === 1 ? only.replace(/[\u0000-\u001f\u007f]+ */g, ' ').trim() : '';
}

/** A mirror or repository that packages came from first. */
type Root =
  | { readonly kind: 'mirror'; readonly object: MirrorObject }
  | { readonly kind: 'repo'; readonly object: RepoObject };

/** Up through snapshots; each object once. */
async function rootsOf(ports: Pick<Ports, 'catalog'>, source: PublishedSource): Promise<readonly Root[]> {
  if (source.kind === 'repo') return [source];
  const roots: Root[] = [];
  const seen = new Set<string>();
  const queue: SnapshotObject[] = [source.object];
  for (let snapshot = queue.pop(); snapshot !== undefined; snapshot = queue.pop()) {
    for (const parent of await snapshotSources(ports, snapshot)) {
      if (seen.has(parent.object.uuid)) continue;
      seen.add(parent.object.uuid);
      if (parent.kind === 'snapshot') queue.push(parent.object);
      else roots.push(parent);
    }
  }
  return roots;
}

function guessDistribution(roots: readonly Root[]): string {
  const found = new Set(
    roots
      .map(({ kind, object }) => (kind === 'mirror' ? object.distribution : object.defaultDistribution))
      .filter((one) => one !== ''),
  );
  const [only] = found;
  if (only !== undefined && found.size === 1) return only;
  throw new EspejoError('E_BAD_VALUE', 'unable to guess distribution name, please specify explicitly');
}

function guessComponent(source: PublishedSource, roots: readonly Root[], sourceCount: number): string {
  const found = new Set(
    roots.flatMap(({ kind, object }) => (kind === 'mirror' ? object.components : [object.defaultComponent])),
  );
  const [only] = found;
  if (only !== undefined && only !== '' && found.size === 1) return only;
  if (sourceCount === 1) return 'main';
  const text = source.kind === 'repo' ? repoText(source.object) : snapshotText(source.object);
  throw new EspejoError('E_BAD_VALUE', `unable to figure out component name for ${text}`);
}

/** The order of components. */
export function byComponent([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
