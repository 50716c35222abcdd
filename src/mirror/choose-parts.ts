import { mirrorText } from '../catalog/labels.ts';
import type { MirrorObject } from '../catalog/objects.ts';
import { EspejoError } from '../core/errors.ts';
import type { Release } from '../deb/release.ts';
import { indexedParts } from './index-paths.ts';
import { isFlat } from './release-place.ts';

/** What a mirror takes of its archive. */
export type MirrorParts = Pick<MirrorObject, 'components' | 'architectures'>;

/**
 * The components and architectures of a mirror: those that it names, which the Release file must list unless the mirror
 * skips that check; all that are listed when it names none (spec/semantics.md 4.1). What has an index is listed, whatever the
 * fields say or do not say. A flat archive has neither.
 * @throws E_COMPONENT_UNKNOWN, E_ARCHITECTURE_UNKNOWN; E_NO_ARCHITECTURES when nobody names any
 */
export function chooseParts(release: Release, mirror: MirrorObject): MirrorParts {
  return { architectures: architecturesOf(release, mirror), components: componentsOf(release, mirror) };
}

/** The distribution of Debian's old security archive names its components after itself: `updates/main`. */
function componentsOf(release: Release, mirror: MirrorObject): readonly string[] {
  if (isFlat(mirror)) return [];
  const { distribution } = mirror;
  const prefix = distribution.includes('/') ? `${distribution.split('/').at(-1)}/` : '';
  const plain = (name: string): string => (name.startsWith(prefix) ? name.slice(prefix.length) : name);
  const listed = release.components.map(plain);
  const indexed = indexedParts(release).components.map(plain);
  if (mirror.components.length === 0) return listed.length > 0 ? listed : indexed;
  const unknown = mirror.components.find((name) => !listed.includes(name) && !indexed.includes(name));
  if (unknown === undefined || mirror.skipComponentCheck) return mirror.components;
  throw new EspejoError('E_COMPONENT_UNKNOWN', notAvailable('component', unknown, mirror), {
    context: { component: unknown, listed },
  });
}

/** A flat archive has all architectures in one index: its mirror names none, whatever it was told. */
function architecturesOf(release: Release, mirror: MirrorObject): readonly string[] {
  if (isFlat(mirror)) return [];
  const listed = release.architectures.filter((name) => name !== 'source').toSorted();
  const indexed = indexedParts(release).architectures;
  if (mirror.architectures.length === 0) {
    if (listed.length > 0) return listed;
    if (indexed.length > 0) return indexed;
    const message = `repo ${nameOf(mirror)} does not list architectures, please specify them with -architectures`;
    throw new EspejoError('E_NO_ARCHITECTURES', message);
  }
  const unknown = mirror.architectures.find((name) => !listed.includes(name) && !indexed.includes(name));
  if (unknown === undefined || mirror.skipArchitectureCheck) return mirror.architectures;
  throw new EspejoError('E_ARCHITECTURE_UNKNOWN', notAvailable('architecture', unknown, mirror), {
    context: { architecture: unknown, listed },
  });
}

function notAvailable(what: 'component' | 'architecture', name: string, mirror: MirrorObject): string {
  return `${what} ${name} not available in repo ${nameOf(mirror)}, use -force-${what}s to override`;
}

function nameOf(mirror: MirrorObject): string {
  return mirrorText(mirror);
}
