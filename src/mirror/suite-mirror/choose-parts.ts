import { mirrorText } from '../../aptly/objects/mirror-text.ts';
import type { MirrorObject } from '../../catalog/library.ts';
import { EspejoError } from '../../core/errors.ts';
import type { Release } from '../../deb/release.ts';
import { isFlat } from './release-place.ts';

/** What a mirror takes of its archive. */
export type MirrorParts = Pick<MirrorObject, 'components' | 'architectures'>;

/**
 * The components and architectures of a mirror: those that it names, which the Release file must list unless the mirror
 * skips that check; all that are listed when it names none (semantics.md 4.1). A flat archive has neither.
 * @throws E_COMPONENT_UNKNOWN, E_ARCHITECTURE_UNKNOWN; E_NO_ARCHITECTURES when nobody names any
 */
export function chooseParts(release: Release, mirror: MirrorObject): MirrorParts {
  return { architectures: architecturesOf(release, mirror), components: componentsOf(release, mirror) };
}

/** The distribution of Debian's old security archive names its components after itself: `updates/main`. */
function componentsOf({ components }: Release, mirror: MirrorObject): readonly string[] {
  if (isFlat(mirror)) return [];
  const { distribution } = mirror;
  const prefix = distribution.includes('/') ? `${distribution.split('/').at(-1)}/` : '';
  const listed = components.map((name) => (name.startsWith(prefix) ? name.slice(prefix.length) : name));
  if (mirror.components.length === 0) return listed;
  const unknown = mirror.components.find((name) => !listed.includes(name));
  if (unknown === undefined || mirror.skipComponentCheck) return mirror.components;
  throw new EspejoError('E_COMPONENT_UNKNOWN', notAvailable('component', unknown, mirror), {
    context: { component: unknown, listed },
  });
}

/** A flat archive has all architectures in one index: its mirror names none, whatever it was told. */
function architecturesOf(release: Release, mirror: MirrorObject): readonly string[] {
  if (isFlat(mirror)) return [];
  const listed = release.architectures.filter((name) => name !== 'source').toSorted();
  if (mirror.architectures.length === 0) {
    if (listed.length > 0) return listed;
    const message = `repo ${nameOf(mirror)} does not list architectures, please specify them with -architectures`;
    throw new EspejoError('E_NO_ARCHITECTURES', message);
  }
  const unknown = mirror.architectures.find((name) => !listed.includes(name));
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
