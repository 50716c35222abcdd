import { splitLogin } from '../core/login.ts';
import { withoutLogins } from '../core/redact.ts';
import type { MirrorObject, ObjectKind, ObjectsByKind, SnapshotObject } from './objects.ts';

/**
 * An object whose secrets are where nothing shows them, whatever wrote it: aptly, and espejo in its first days, keep user
 * and password of an archive in its URL and in the descriptions of the snapshots made from it.
 */
export function withoutSecrets<Kind extends ObjectKind>(
  kind: Kind,
  object: ObjectsByKind[Kind],
): ObjectsByKind[Kind] {
  if (kind === 'mirror') return separated(object as MirrorObject) as ObjectsByKind[Kind];
  if (kind === 'snapshot') return scrubbed(object as SnapshotObject) as ObjectsByKind[Kind];
  return object;
}

function separated(mirror: MirrorObject): MirrorObject {
  const { url, login } = splitLogin(mirror.archiveRoot);
  return login === undefined ? mirror : { ...mirror, archiveRoot: url, credentials: login };
}

function scrubbed(snapshot: SnapshotObject): SnapshotObject {
  const description = withoutLogins(snapshot.description);
  return description === snapshot.description ? snapshot : { ...snapshot, description };
}

/** A mirror as values of use-cases have it: without user and password of its archive. */
export function shownMirror({ credentials: _, ...mirror }: MirrorObject): MirrorObject {
  return mirror;
}
