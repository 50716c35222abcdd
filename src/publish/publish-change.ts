import { type PublicationFacts, publicationPath } from '../catalog/labels.ts';
import { kindNames, type PublicationObject } from '../catalog/objects.ts';
import { sourcesOf } from '../catalog/publication-sources.ts';
import { EspejoError, inStage } from '../core/errors.ts';
import { assertComponent } from '../deb/names.ts';
import type { SigningOptions } from '../keys/signing.ts';
import type { Job } from '../packages/events.ts';
import type { PublishPorts } from './ports.ts';
import { assertFieldTexts } from './publication-fields.ts';
import {
  assertApart,
  assertOwnPublication,
  findPublication,
  type PublicationIdentity,
  withSources,
} from './publication-place.ts';
import { cleanPublication, publishSources } from './publish-run.ts';
import { byComponent, findSource, type PublishedSource } from './publish-sources.ts';

/** Settings that a command line changes; absent ones stay. */
export type ChangedSettings = Partial<
  Pick<
    PublicationObject,
    'origin' | 'label' | 'version' | 'signedBy' | 'skipContents' | 'skipBz2' | 'multiDist'
  >
>;

export type ChangeRequest = {
  readonly identity: PublicationIdentity;
  readonly settings: ChangedSettings;
  readonly forceOverwrite: boolean;
  readonly skipCleanup: boolean;
  readonly signing: SigningOptions;
};

/** All sources, and the components whose packages may be other ones. */
type Plan = {
  readonly sources: ReadonlyMap<string, PublishedSource>;
  readonly changed: readonly string[];
};

/**
 * Publishes other snapshots in place of those of some components (spec/cli.md 7.5).
 * @throws E_OBJECT_NOT_FOUND, E_BAD_VALUE, E_COMPONENT_UNKNOWN; E_OBJECT_IN_USE for a publication of the configuration; what
 *   {@link publishSources} throws; at the stages `find`, `sign`, `publish`, `link` and `clean`
 */
export async function switchPublication(
  ports: PublishPorts,
  request: ChangeRequest & { readonly components: readonly string[]; readonly names: readonly string[] },
  job: Job,
): Promise<PublicationFacts> {
  return await republish(ports, { ...request, verb: 'switch' }, job, async (before) => {
    if (before.sourceKind !== 'snapshot')
      throw new EspejoError('E_BAD_VALUE', 'not a published snapshot repository');
    const components = switched(before, request.components);
    if (components.length !== request.names.length) {
      throw new EspejoError(
        'E_BAD_VALUE',
        `mismatch in number of components (${components.length}) and snapshots (${request.names.length})`,
      );
    }
    const sources = new Map(await sourcesOf(ports, before));
    for (const [at, component] of components.entries()) {
      if (!Object.hasOwn(before.sources, component))
        throw new EspejoError(
          'E_COMPONENT_UNKNOWN',
          `component ${component} does not exist in published repository`,
        );
      sources.set(component, await findSource(ports, 'snapshot', request.names[at] ?? ''));
    }
    return { sources, changed: components };
  });
}

/**
 * Publishes again: with the staged changes, or what the local repositories have now (spec/cli.md 7.6).
 * @throws as {@link switchPublication}
 */
export async function updatePublication(
  ports: PublishPorts,
  request: ChangeRequest,
  job: Job,
): Promise<PublicationFacts> {
  return await republish(ports, { ...request, verb: 'update' }, job, async (before) => {
    const current = new Map(await sourcesOf(ports, before));
    if (before.revision === null) {
      const changed = before.sourceKind === 'repo' ? Object.keys(before.sources) : [];
      return { sources: complete(before, current), changed };
    }
    const sources = new Map<string, PublishedSource>();
    for (const [component, name] of Object.entries(before.revision)) {
      assertComponent(component);
      sources.set(component, await findSource(ports, before.sourceKind, name));
    }
    const components = new Set([...sources.keys(), ...Object.keys(before.sources)]);
    const isSame = (component: string): boolean =>
      before.sourceKind === 'snapshot' && sources.get(component)?.object.uuid === before.sources[component];
    return { sources, changed: [...components].filter((one) => !isSame(one)) };
  });
}

async function republish(
  ports: PublishPorts,
  request: ChangeRequest & { readonly verb: 'switch' | 'update' },
  job: Job,
  plan: (before: PublicationObject) => Promise<Plan>,
): Promise<PublicationFacts> {
  const { identity, verb, settings, forceOverwrite, skipCleanup } = request;
  return await ports.exclusively(`publish ${verb}`, job.signal, async () => {
    const prepared = await inStage('find', async () => {
      const before = await findPublication(ports, identity);
      assertOwnPublication(ports, before);
      assertFieldTexts(settings);
      await assertApart(ports, before);
      return { before, ...(await plan(before)) };
    });
    const { before, sources, changed } = prepared;
    const signer = await ports.signerFor(ports, request.signing, job);
    const { policy: _, ...own } = before;
    const object: PublicationObject = { ...own, ...settings, managedBy: null };
    const sorted = new Map([...sources].sort(byComponent));
    const after = await inStage('publish', () =>
      publishSources(ports, { object, sources: sorted }, { signer, forceOverwrite }, job),
    );
    await inStage('clean', async () => {
      if (!skipCleanup) tellCleaning({ before, after }, changed, job);
      await cleanPublication(ports, after, { keepPool: skipCleanup });
    });
    return await withSources(ports, after);
  });
}

/** Without `-component` the only one that there is. */
function switched({ sources }: PublicationObject, components: readonly string[]): readonly string[] {
  const published = Object.keys(sources);
  const isUnnamed = components.length === 1 && components[0] === '';
  return isUnnamed && published.length === 1 ? published : components;
}

/**
 * The sources of all components. What was dropped cannot be published again.
 * @throws E_OBJECT_NOT_FOUND
 */
function complete(
  { sourceKind, sources }: PublicationObject,
  found: ReadonlyMap<string, PublishedSource>,
): ReadonlyMap<string, PublishedSource> {
  for (const [component, uuid] of Object.entries(sources)) {
    if (found.has(component)) continue;
    throw new EspejoError('E_OBJECT_NOT_FOUND', `${kindNames[sourceKind]} with uuid ${uuid} not found`);
  }
  return found;
}

/** Tells it as aptly does (spec/semantics.md 7.9). @param changed components whose packages may be other ones */
function tellCleaning(
  { before, after }: { readonly before: PublicationObject; readonly after: PublicationObject },
  changed: readonly string[],
  { report }: Job,
): void {
  if (changed.length === 0 && before.multiDist === after.multiDist) return;
  report({ type: 'publication-cleaning', publication: publicationPath(after) });
  for (const component of changed.toSorted()) report({ type: 'component-cleaning', component });
}
