import { randomUUID } from 'node:crypto';
import { publicationPath, publicationText } from '../catalog/labels.ts';
import type { PublicationObject } from '../catalog/objects.ts';
import { sourcesOf } from '../catalog/publication-sources.ts';
import { EspejoError, inStage } from '../core/errors.ts';
import { assertArchitecture, assertComponent, assertDistribution, assertPrefix } from '../deb/names.ts';
import type { SigningOptions } from '../keys/signing.ts';
import type { Job } from '../packages/events.ts';
import type { Ports } from '../packages/ports.ts';
import type { PublishPorts } from './ports.ts';
import { assertFieldTexts } from './publication-fields.ts';
import { assertApart, neighboursOf, type PublicationLocation } from './publication-place.ts';
import { publishDepsOf } from './publish-deps.ts';
import { cleanPublication, publishSources } from './publish-run.ts';
import { byComponent, commonValue, findSource, guess, type PublishedSource } from './publish-sources.ts';
import { surveySite } from './release.ts';
import { targetOf } from './target.ts';

/** What `publish snapshot` and `publish repo` are told; empty texts are guessed or left out. */
export type NewPublication = {
  readonly sourceKind: PublicationObject['sourceKind'];
  /** Names of the sources. */
  readonly names: readonly string[];
  /** One for each source. */
  readonly components: readonly string[];
  readonly location: PublicationLocation;
  readonly settings: Pick<
    PublicationObject,
    | 'distribution'
    | 'origin'
    | 'notAutomatic'
    | 'butAutomaticUpgrades'
    | 'label'
    | 'suite'
    | 'codename'
    | 'version'
    | 'signedBy'
    | 'architectures'
    | 'skipContents'
    | 'skipBz2'
    | 'acquireByHash'
    | 'multiDist'
  >;
  readonly forceOverwrite: boolean;
  readonly signing: SigningOptions;
};

/**
 * Publishes snapshots or local repositories in a new place (spec/semantics.md 7).
 * @throws E_OBJECT_NOT_FOUND, E_BAD_VALUE, E_UNSAFE_PATH, E_CONFIG_INVALID; E_NAME_TAKEN when the place is taken; what
 *   {@link publishSources} throws; at the stages `sign`, `publish` and `link`
 */
export async function publishNew(
  ports: PublishPorts,
  request: NewPublication,
  job: Job,
): Promise<PublicationObject> {
  return await ports.exclusively(`publish ${request.sourceKind}`, job.signal, async () => {
    ports.endpoints.of(request.location.storage);
    const { object, sources } = await inStage('publish', () => draft(ports, request, job));
    await assertFree(ports, object, job);
    const signer = await ports.signerFor(ports, request.signing, job);
    const { forceOverwrite } = request;
    return await inStage('publish', async () => {
      const published = await publishSources(ports, { object, sources }, { signer, forceOverwrite }, job);
      await cleanPublication(ports, published, { keepPool: false });
      return published;
    });
  });
}

type Draft = {
  readonly object: PublicationObject;
  readonly sources: ReadonlyMap<string, PublishedSource>;
};

async function draft(ports: Ports, request: NewPublication, { report }: Job): Promise<Draft> {
  const { sourceKind, names, location, settings } = request;
  const found: PublishedSource[] = [];
  for (const name of names) found.push(await findSource(ports, sourceKind, name));
  const sizes = await Promise.all(found.map(({ object }) => ports.catalog.listSize(object.list)));
  if (sizes.includes(0)) report({ type: 'publish', step: 'empty' });
  const { distribution, components } = await guess(ports, found, {
    distribution: settings.distribution,
    components: request.components,
  });
  assertPrefix(location.prefix);
  assertDistribution(distribution);
  for (const component of components) assertComponent(component);
  for (const architecture of settings.architectures) assertArchitecture(architecture);
  assertFieldTexts(settings);
  const sources = new Map(
    components
      .map((component, at) => [component, at] as const)
      .sort(byComponent)
      .flatMap(([component, at]) => {
        const source = found[at];
        return source === undefined ? [] : [[component, source] as const];
      }),
  );
  const object: PublicationObject = {
    ...settings,
    uuid: randomUUID(),
    name: publicationPath({ ...location, distribution }),
    ...location,
    distribution,
    origin: settings.origin || commonValue(found, 'origin'),
    notAutomatic: settings.notAutomatic || commonValue(found, 'notAutomatic'),
    butAutomaticUpgrades: settings.butAutomaticUpgrades || commonValue(found, 'butAutomaticUpgrades'),
    architectures: [...new Set(settings.architectures)].sort(),
    sourceKind,
    sources: {},
    lists: {},
    revision: null,
    managedBy: null,
  };
  return { object, sources };
}

/** A run that died may have made the very publication: the survey saves it then. */
async function assertFree(ports: Ports, object: PublicationObject, job: Job): Promise<void> {
  await inStage('publish', () => surveySite(publishDepsOf(ports, job), targetOf(ports, object)));
  const neighbours = await neighboursOf(ports, object);
  const taken = neighbours.find(({ distribution }) => distribution === object.distribution);
  if (taken !== undefined) {
    const text = publicationText({ publication: taken, sources: await sourcesOf(ports, taken) });
    throw new EspejoError(
      'E_NAME_TAKEN',
      `prefix/distribution already used by another published repo: ${text}`,
      { context: { path: object.name } },
    );
  }
  await inStage('publish', () => assertApart(ports, object));
}
