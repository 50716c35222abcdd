import type { PublicationObject } from '../catalog/objects.ts';
import { sourcesOf } from '../catalog/publication-sources.ts';
import { EspejoError } from '../core/errors.ts';
import type { Job, PublishEvent } from '../packages/events.ts';
import type { Ports } from '../packages/ports.ts';
import { assertOwnPublication, findPublication, type PublicationIdentity } from './publication-place.ts';

/** Component to the name of its source. */
type StagedSources = Readonly<Record<string, string>>;

/** A change of what the next `publish update` publishes (spec/semantics.md 7.11). Names are looked up by the update. */
export type SourceChange =
  | { readonly kind: 'add' | 'update' | 'replace'; readonly sources: readonly (readonly [string, string])[] }
  | { readonly kind: 'remove'; readonly components: readonly string[] };

/**
 * Stages a change on top of those staged before, or of what is published.
 * Each step is told in its order, also those before one that fails; then nothing is saved.
 * @throws E_OBJECT_NOT_FOUND; E_COMPONENT_UNKNOWN and E_NAME_TAKEN for components; E_OBJECT_IN_USE for a publication of the
 * configuration
 */
export async function stageSources(
  ports: Ports,
  { identity, change }: { readonly identity: PublicationIdentity; readonly change: SourceChange },
  { signal, report }: Job,
): Promise<PublicationObject> {
  return await ports.exclusively(`publish source ${change.kind}`, signal, async () => {
    const before = await findPublication(ports, identity);
    assertOwnPublication(ports, before);
    const staged = new Map(Object.entries(before.revision ?? (await publishedNames(ports, before))));
    apply(staged, change, { report, sourceKind: before.sourceKind });
    const publication = { ...before, revision: Object.fromEntries(staged) };
    await ports.catalog.objects.change([{ save: 'publication', object: publication }]);
    return publication;
  });
}

/** What is staged of a publication. @throws E_OBJECT_NOT_FOUND, also when nothing is staged */
export async function listStagedSources(
  ports: Ports,
  identity: PublicationIdentity,
): Promise<{ readonly publication: PublicationObject; readonly staged: StagedSources }> {
  const publication = await findPublication(ports, identity);
  if (publication.revision !== null) return { publication, staged: publication.revision };
  throw new EspejoError('E_OBJECT_NOT_FOUND', 'No source changes exist');
}

/** Forgets staged changes. @throws E_OBJECT_NOT_FOUND */
export async function dropStagedSources(
  ports: Ports,
  identity: PublicationIdentity,
  { signal }: Job,
): Promise<void> {
  await ports.exclusively('publish source drop', signal, async () => {
    const before = await findPublication(ports, identity);
    await ports.catalog.objects.change([{ save: 'publication', object: { ...before, revision: null } }]);
  });
}

/** The names of what is published now; a source that was dropped has none. */
async function publishedNames(ports: Ports, publication: PublicationObject): Promise<StagedSources> {
  const sources = await sourcesOf(ports, publication);
  return Object.fromEntries(Array.from(sources, ([component, { object }]) => [component, object.name]));
}

type Staged = Extract<PublishEvent, { readonly type: 'component-staged' }>;
type Telling = Pick<Job, 'report'> & Pick<PublicationObject, 'sourceKind'>;

function apply(staged: Map<string, string>, change: SourceChange, { report, sourceKind }: Telling): void {
  const tell = (step: Staged['change'], component: string, source: string): void =>
    report({ type: 'component-staged', change: step, component, source, sourceKind });
  if (change.kind === 'remove') {
    for (const component of change.components) {
      tell('removing', component, present(staged, component));
      staged.delete(component);
    }
    return;
  }
  if (change.kind === 'replace') {
    report({ type: 'staging-cleared' });
    staged.clear();
  }
  for (const [component, name] of change.sources) {
    if (change.kind === 'update') present(staged, component);
    if (change.kind === 'add') assertNew(staged, component);
    tell(change.kind === 'update' ? 'updating' : 'adding', component, name);
    staged.set(component, name);
  }
}

function present(staged: ReadonlyMap<string, string>, component: string): string {
  const name = staged.get(component);
  if (name !== undefined) return name;
  throw new EspejoError('E_COMPONENT_UNKNOWN', `component '${component}' does not exist`, {
    context: { component },
  });
}

function assertNew(staged: ReadonlyMap<string, string>, component: string): void {
  if (!staged.has(component)) return;
  throw new EspejoError('E_NAME_TAKEN', `component '${component}' has already been added`, {
    context: { component },
  });
}
