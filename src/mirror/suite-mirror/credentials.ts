import type { MirrorObject } from '../../catalog/library.ts';
import { redactUrl } from '../../core/redact.ts';

/** The mirror as messages show it: user and password in its URL hidden. Not for keeping. */
export function withoutCredentials(mirror: MirrorObject): MirrorObject {
  const { archiveRoot } = mirror;
  return archiveRoot.includes('@') ? { ...mirror, archiveRoot: redactUrl(archiveRoot) } : mirror;
}
