import { storagePrefix } from '../catalog/labels.ts';
import type { PublicationObject } from '../catalog/objects.ts';
import type { PublicationConfig } from '../config/config.ts';
import { EspejoError, isEspejoError } from '../core/errors.ts';
import type { View } from '../endpoint/contract.ts';
import { keyFacts } from '../keys/key-facts.ts';
import { publicKeyIfAny, publicKeyOf } from '../keys/own-key.ts';
import type { Job } from '../packages/events.ts';
import type { Ports } from '../packages/ports.ts';
import { configuredNow } from './publish.ts';
import { chosenPublications } from './publish-configured.ts';
import { placeOf } from './settings.ts';
import { type Target, targetOf } from './target.ts';
import { type VerifyRequest, type VerifyResult, verifyPublication } from './verify.ts';

/**
 * Walks published trees as a client does: those of the configuration and those that were made by hand.
 * @param names of publications of the configuration, and paths as `publish list -json` has them; none means all
 * @throws E_PUBLICATION_NOT_FOUND, E_VERIFY_FAILED
 */
export async function verifyAll(
  ports: Ports,
  names: readonly string[],
  job: Job,
): Promise<readonly VerifyResult[]> {
  const objects = await ownObjects(ports);
  const byHand = names.length === 0 ? objects : objects.filter(({ name }) => names.includes(name));
  const configured = names.filter((name) => !byHand.some((object) => object.name === name));
  const isAll = names.length === 0 && (ports.config.publications.length > 0 || objects.length === 0);
  const results: VerifyResult[] = [];
  for (const publication of isAll || configured.length > 0 ? chosenPublications(ports, configured) : []) {
    const target = targetOf(ports, await configuredNow(ports, publication));
    const result = await verifyStanding(
      ports,
      { target, request: (view) => configuredRequest(ports, publication, view) },
      job,
    );
    if (result !== undefined) results.push(result);
  }
  for (const { name } of byHand) {
    const result = await verifyByHand(ports, name, job);
    if (result !== undefined) results.push(result);
  }
  return results;
}

/** @returns undefined when it was dropped meanwhile */
async function verifyByHand(ports: Ports, name: string, job: Job): Promise<VerifyResult | undefined> {
  const object = await ports.catalog.objects.find('publication', name);
  if (object === undefined) return undefined;
  const request = async (view: View): Promise<VerifyRequest | undefined> => {
    const now = await ports.catalog.objects.find('publication', name);
    return now === undefined ? undefined : await requestOf(ports, { object: now, view }, job);
  };
  return await verifyStanding(ports, { target: targetOf(ports, object), request }, job);
}

type Standing = {
  readonly target: Target;
  /** Says how to verify what is published now; undefined when nothing is any more. */
  readonly request: (view: View) => Promise<VerifyRequest | undefined>;
};

/** How often a tree is walked that is replaced under way before its root is locked. */
const freeWalks = 3;

/**
 * Verifies what clients see. A fault that was found in a tree which was replaced meanwhile may be none: its files are
 * removed, so the tree in its place is walked. One that is replaced again and again is walked under the lock of the root.
 */
async function verifyStanding(ports: Ports, standing: Standing, job: Job): Promise<VerifyResult | undefined> {
  const { endpoint, place } = standing.target;
  for (let walk = 1; walk <= freeWalks; walk += 1) {
    const view = await endpoint.view(place);
    try {
      return await verifyNow(ports, standing, view, job);
    } catch (error) {
      if (!isEspejoError(error) || (await endpoint.view(place)).identity === view.identity) throw error;
    }
  }
  return await ports.exclusively('verify', job.signal, async () =>
    verifyNow(ports, standing, await endpoint.view(place), job),
  );
}

async function verifyNow(
  { now }: Ports,
  standing: Standing,
  view: View,
  job: Job,
): Promise<VerifyResult | undefined> {
  const request = await standing.request(view);
  return request === undefined ? undefined : await verifyPublication({ view, now }, request, job);
}

/** Publications that no configuration decides about. */
async function ownObjects({ catalog }: Ports): Promise<readonly PublicationObject[]> {
  return (await catalog.objects.all('publication')).filter(({ managedBy }) => managedBy === null);
}

async function configuredRequest(
  ports: Ports,
  publication: PublicationConfig,
  view: View,
): Promise<VerifyRequest> {
  await assertPublished(ports, publication, view);
  const key = publication.sign ? await publicKeyOf(ports, publication.key) : undefined;
  const repair = 'run "espejo sync -force" and "espejo publish -force" to write the tree again';
  return { publication, publicKey: key?.armored, repair };
}

/** By the keys that were recorded when it was signed; signatures of others cannot be judged. */
async function requestOf(
  ports: Ports,
  { object, view }: { readonly object: PublicationObject; readonly view: View },
  { report }: Job,
): Promise<VerifyRequest> {
  const { name, distribution } = object;
  const publicKey = object.signingKeys ?? (await ownKeyOf(ports, name));
  const sign = publicKey !== '';
  if (!sign && (await view.open(`dists/${distribution}/InRelease`)) !== undefined)
    report({
      type: 'warning',
      message: `${name}: its signatures are by keys that were not recorded, and were not checked`,
    });
  return {
    publication: { name, distribution, sign },
    publicKey: sign ? publicKey : undefined,
    repair: `run "espejo publish update -force-overwrite ${distribution} ${storagePrefix(object)}" to write the tree again`,
  };
}

/** Of a publication that was signed before keys were recorded: espejo's own when it is the one; else nothing. */
async function ownKeyOf(ports: Ports, name: string): Promise<string> {
  const record = await ports.catalog.publication(name);
  const current = (await ports.catalog.generations(name)).find(({ id }) => id === record?.current);
  const key = await publicKeyIfAny(ports);
  if (key === undefined || current === undefined) return '';
  const { fingerprint } = await keyFacts(key.armored);
  return current.settings.signers.includes(fingerprint) ? key.armored : '';
}

/** What was never published is no damaged tree. */
async function assertPublished({ catalog }: Ports, config: PublicationConfig, view: View): Promise<void> {
  if ((await catalog.publication(placeOf(config).path)) !== undefined) return;
  if (view.identity !== undefined) return;
  throw new EspejoError('E_PUBLICATION_NOT_FOUND', `publication ${config.name}: was not published yet`, {
    hint: `run "espejo publish -publication=${config.name}" first`,
  });
}
