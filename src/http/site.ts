import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PublicationObject } from '../catalog/objects.ts';
import { keyFacts } from '../keys/key-facts.ts';
import { publicKeyIfAny } from '../keys/own-key.ts';
import { type PublicationView, viewPublications } from '../publish/publish-configured.ts';
import type { Readiness } from './health-routes.ts';
import type { SiteFacts, SitePublication } from './site-facts.ts';
import type { SitePorts } from './site-ports.ts';
import { treeSignature } from './tree-signature.ts';

/** What the page at `/` tells, as the catalog has it now. */
export async function siteFacts(ports: SitePorts): Promise<SiteFacts> {
  const { title, publicUrl } = ports.config.server;
  const views = ports.config.publications.length === 0 ? [] : await viewPublications(ports, []);
  const configured = await Promise.all(views.map((view) => configuredPublication(ports, view)));
  const objects = await ports.catalog.objects.all('publication');
  const byHand = objects.filter(({ storage, managedBy }) => storage === '' && managedBy === null);
  const elsewhere = objects.filter(({ storage }) => storage !== '').map(({ name }) => name);
  const others = await Promise.all(byHand.map((object) => sitePublication(ports, object)));
  const publications = [...configured.flat(), ...others];
  return { title, publicUrl, publications, elsewhere, key: await siteKey(ports) };
}

async function configuredPublication(
  ports: SitePorts,
  { config, record, generations }: PublicationView,
): Promise<readonly SitePublication[]> {
  const { prefix, distribution } = config;
  const current = generations.find(({ id }) => id === record?.current);
  if (current === undefined) return [];
  const { settings, components, packages, date, object } = current;
  return [
    {
      prefix,
      distribution,
      components: components.map(({ name }) => name),
      architectures: settings.architectures,
      label: settings.label,
      updatedAt: new Date(date),
      packages,
      signature: await treeSignature(ports, directoryOf(ports, config), object),
    },
  ];
}

/** One that was made by aptly's commands, or by aptly. */
async function sitePublication(ports: SitePorts, object: PublicationObject): Promise<SitePublication> {
  const { prefix, distribution, architectures, label, lists } = object;
  const directory = directoryOf(ports, object);
  const written = await stat(join(directory, 'Release')).catch(() => undefined);
  const sizes = await Promise.all(Object.values(lists).map((list) => ports.catalog.listSize(list)));
  return {
    prefix,
    distribution,
    components: Object.keys(lists).sort(),
    architectures,
    label: label === '' ? undefined : label,
    updatedAt: written?.mtime ?? new Date(0),
    packages: sizes.reduce((sum, size) => sum + size, 0),
    signature: await treeSignature(ports, directory, object),
  };
}

/** Of the distribution that clients see. */
function directoryOf(
  { publicDirectory }: SitePorts,
  { prefix, distribution }: Pick<SitePublication, 'prefix' | 'distribution'>,
): string {
  return join(publicDirectory, prefix, 'dists', distribution);
}

/** Ready: every publication of the configuration can be used by clients. */
export async function readiness(ports: SitePorts): Promise<Readiness> {
  const views = ports.config.publications.length === 0 ? [] : await viewPublications(ports, []);
  const missing = views
    .filter(({ record }) => (record?.current ?? null) === null)
    .map(({ config }) => config.name);
  if (missing.length === 0) return { ready: true };
  return { ready: false, reason: `not published yet: ${missing.join(', ')}` };
}

async function siteKey(ports: SitePorts): Promise<SiteFacts['key']> {
  const key = await publicKeyIfAny(ports);
  if (key === undefined) return undefined;
  const { fingerprint } = await keyFacts(key.armored);
  return { fingerprint, armored: key.armored, binary: key.binary };
}
