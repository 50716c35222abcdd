import { type PublicationFacts, publicationPath } from '../catalog/labels.ts';
import type { PublicationObject } from '../catalog/objects.ts';
import { sourcesOf } from '../catalog/publication-sources.ts';
import type { EspejoConfig } from '../config/config.ts';
import { EspejoError } from '../core/errors.ts';
import type { Ports } from '../packages/ports.ts';
import { siteOf } from './pool-claims.ts';

/** Storage and prefix of a publication; the default storage is empty, the root prefix `.`. */
export type PublicationLocation = Pick<PublicationObject, 'storage' | 'prefix'>;

/** What names a publication (spec/semantics.md 7.1). */
export type PublicationIdentity = PublicationLocation & Pick<PublicationObject, 'distribution'>;

/** Reads `[<storage>:]<prefix>`: the last colon divides, slashes at the ends do not count, an empty prefix is the root. */
export function parseLocation(text: string): PublicationLocation {
  const colon = text.lastIndexOf(':');
  const parts = text
    .slice(colon + 1)
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  return { storage: colon === -1 ? '' : text.slice(0, colon), prefix: parts.join('/') || '.' };
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
  const publication = await findPublication(ports, identity);
  return { publication, sources: await sourcesOf(ports, publication) };
}

async function sameDirectory(
  ports: Pick<Ports, 'catalog' | 'endpoints'>,
  identity: PublicationIdentity,
): Promise<PublicationObject | undefined> {
  const all = await ports.catalog.objects.all('publication');
  const site = siteOf(ports.endpoints, identity);
  return all.find(
    (one) => one.distribution === identity.distribution && siteOf(ports.endpoints, one) === site,
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
