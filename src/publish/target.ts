import type { PublicationPlace } from '../catalog/contract.ts';
import type { PublicationObject } from '../catalog/objects.ts';
import type { EspejoConfig } from '../config/config.ts';
import type { Endpoint, Endpoints } from '../endpoint/contract.ts';
import type { RetentionPolicy } from './retention.ts';
import { placeOf } from './settings.ts';

/** What is published: its name for people, where it is, and how long what it replaces is kept. */
export type Target = {
  readonly name: string;
  readonly place: PublicationPlace;
  readonly endpoint: Endpoint;
  readonly retention: RetentionPolicy;
};

/** What {@link targetOf} needs. */
export type TargetPorts = {
  readonly endpoints: Endpoints;
  readonly config: Pick<EspejoConfig, 'keepRemovedFilesSeconds'>;
};

/** Where a publication is and what it keeps. @throws E_CONFIG_INVALID for a storage that is not configured */
export function targetOf({ endpoints, config }: TargetPorts, object: PublicationObject): Target {
  const place = placeOf(object);
  const { managedBy, policy } = object;
  const endpoint = endpoints.of(object.storage);
  return { name: managedBy ?? place.path, place, endpoint, retention: retentionOf(policy, config) };
}

/** Of one that was made by hand only what clients see now is kept, as in aptly, and for a time what they have seen. */
function retentionOf(
  policy: PublicationObject['policy'],
  { keepRemovedFilesSeconds }: TargetPorts['config'],
): RetentionPolicy {
  if (policy === undefined) return { keepGenerations: 1, keepByHashMs: keepRemovedFilesSeconds * 1000 };
  return { keepGenerations: policy.keepGenerations, keepByHashMs: policy.keepByHashSeconds * 1000 };
}
