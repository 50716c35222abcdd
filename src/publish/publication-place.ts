import { type PublicationFacts, publicationPath, storagePrefix } from '../catalog/labels.ts';
import type { PublicationObject } from '../catalog/objects.ts';
import { sourcesOf } from '../catalog/publication-sources.ts';
import type { EspejoConfig } from '../config/config.ts';
import { EspejoError } from '../core/errors.ts';
import { normalPrefix, overlapOf } from '../deb/names.ts';
import type { Ports } from '../packages/ports.ts';
import { siteOf } from './pool-claims.ts';

/** Storage and prefix of a publication; the default storage is empty, the root prefix `.`. */
export type PublicationLocation = Pick<PublicationObject, 'storage' | 'prefix'>;

/** What names a publication (spec/semantics.md 7.1). */
export type PublicationIdentity = PublicationLocation & Pick<PublicationObject, 'distribution'>;

/** Reads `[<storage>:]<prefix>`: the last colon divides, slashes at the ends do not count, an empty prefix is the root. */
export function parseLocation(text: string): PublicationLocation {
  const colon = text.lastIndexOf(':');
  return { storage: colon === -1 ? '' : text.slice(0, colon), prefix: normalPrefix(text.slice(colon + 1)) };
}

/**
 * The publication of a name, else the one that another name of the same directory has.
 * @throws E_OBJECT_NOT_FOUND in the words of aptly, which scripts look for
 */
export async function findPublication(
  ports: Pick<Ports, 'catalog' | 'endpoints'>,
  identity: PublicationIdentity,
): Promise<PublicationObject> {
  const path = publicationPath(identity);
  const { objects } = ports.catalog;
  const object = (await objects.find('publication', path)) ?? (await sameDirectory(ports, identity));
  if (object !== undefined) return object;
  throw new EspejoError(
    'E_OBJECT_NOT_FOUND',
    `published repo with storage:prefix/distribution ${path} not found`,
    { context: { path } },
  );
}

/** A publication with what it publishes. @throws E_OBJECT_NOT_FOUND */
export async function showPublication(
  ports: Pick<Ports, 'catalog' | 'endpoints'>,
  identity: PublicationIdentity,
): Promise<PublicationFacts> {
  return await withSources(ports, await findPublication(ports, identity));
}

/** All publications with what they publish. */
export async function listPublications({
  catalog,
}: Pick<Ports, 'catalog'>): Promise<readonly PublicationFacts[]> {
  return await Promise.all(
    (await catalog.objects.all('publication')).map((publication) => withSources({ catalog }, publication)),
  );
}

export async function withSources(
  ports: Pick<Ports, 'catalog'>,
  publication: PublicationObject,
): Promise<PublicationFacts> {
  return { publication, sources: await sourcesOf(ports, publication) };
}

async function sameDirectory(
  ports: Pick<Ports, 'catalog' | 'endpoints'>,
  identity: PublicationIdentity,
): Promise<PublicationObject | undefined> {
  const all = await ports.catalog.objects.all('publication');
  const site = siteOf(ports.endpoints, identity);
  return all.find(
    (object) => object.distribution === identity.distribution && siteOf(ports.endpoints, object) === site,
  );
}

/**
 * Refuses a publication that the configuration decides about.
 * @throws E_OBJECT_IN_USE
 */
export function assertOwnPublication(
  { config }: { readonly config: Pick<EspejoConfig, 'path' | 'publications'> },
  publication: PublicationObject,
): void {
  const { managedBy } = publication;
  if (managedBy === null || !config.publications.some(({ name }) => name === managedBy)) return;
  const path = publicationPath(publication);
  const place = config.path ?? 'the configuration';
  throw new EspejoError(
    'E_OBJECT_IN_USE',
    `${path} is kept by "publish" for the publication ${managedBy} of ${place}`,
    { context: { path, managedBy }, hint: 'change it there' },
  );
}

type Places = Pick<Ports, 'catalog' | 'endpoints'>;

/** The other publications of the same real directory, whatever they call it. */
export async function neighboursOf(
  { catalog, endpoints }: Places,
  object: PublicationObject,
): Promise<readonly PublicationObject[]> {
  const site = siteOf(endpoints, object);
  const all = await catalog.objects.all('publication');
  return all.filter((other) => other.uuid !== object.uuid && siteOf(endpoints, other) === site);
}

/**
 * Refuses a distribution inside the tree of another one, or around it: each is switched as a whole. So is one that another
 * publication has under another name of the same directory. What the configuration has was checked against itself.
 * @throws E_PUBLISH_CONFLICT
 */
export async function assertApart(places: Places, object: PublicationObject): Promise<void> {
  for (const neighbour of await neighboursOf(places, object)) {
    if (object.managedBy !== null && neighbour.managedBy !== null) continue;
    const overlap = overlapOf(object.distribution, neighbour.distribution);
    if (overlap === 'same') throw sameDirectoryAs(neighbour, object);
    if (overlap === undefined) continue;
    throw new EspejoError(
      'E_PUBLISH_CONFLICT',
      `distribution ${object.distribution} cannot be published beside ${neighbour.distribution}: one is inside the other`,
      { hint: 'publish one of them under another prefix' },
    );
  }
}

function sameDirectoryAs(neighbour: PublicationObject, { name, managedBy }: PublicationObject): EspejoError {
  if (managedBy === null)
    return new EspejoError(
      'E_PUBLISH_CONFLICT',
      `${name} is the same directory as ${neighbour.name}, which is published there too`,
      { hint: 'drop one of them: files that are there stay with the other' },
    );
  const words = `publish drop ${neighbour.distribution} ${storagePrefix(neighbour)}`;
  return new EspejoError(
    'E_PUBLISH_CONFLICT',
    `publication ${managedBy}: ${neighbour.name} is published by hand already`,
    { hint: `run "espejo ${words}" first, or choose another distribution` },
  );
}
