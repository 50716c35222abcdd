import { randomUUID } from 'node:crypto';
import type { MirrorObject } from '../catalog/objects.ts';
import { EspejoError } from '../core/errors.ts';
import type { Job } from '../core/progress.ts';
import { assertArchitecture, assertComponent } from '../deb/names.ts';
import {
  assertFilter,
  assertFlatCanHave,
  type FlatRefusals,
  type MirrorSettings,
  normalArchiveRoot,
} from './mirror-settings.ts';
import type { MirrorPorts } from './ports.ts';
import { isFlat, normalDistribution } from './release-place.ts';

export type NewMirror = MirrorSettings &
  Pick<
    MirrorObject,
    'name' | 'archiveRoot' | 'distribution' | 'components' | 'skipComponentCheck' | 'skipArchitectureCheck'
  > & {
    /** Empty: all that the Release file lists; so are components. */
    readonly architectures: readonly string[];
  };

/**
 * A mirror that was never updated, before anything is known of its Release file.
 * @throws E_FETCH_UNSUPPORTED, E_QUERY_SYNTAX, E_UNSAFE_PATH; E_BAD_VALUE for what a flat archive cannot have
 */
export function draftMirror(settings: NewMirror): MirrorObject {
  for (const architecture of settings.architectures) assertArchitecture(architecture);
  for (const component of settings.components) assertComponent(component);
  const { archiveRoot, credentials } = normalArchiveRoot(settings.archiveRoot);
  const mirror = {
    ...settings,
    uuid: randomUUID(),
    archiveRoot,
    ...(credentials === null ? {} : { credentials }),
    distribution: normalDistribution(settings.distribution),
    meta: {},
    lastDownloadDate: null,
    appStreamFiles: {},
    list: null,
    managedBy: null,
  };
  if (isFlat(mirror) && mirror.components.length > 0)
    throw new EspejoError('E_BAD_VALUE', "components aren't supported for flat repos");
  assertFlatCanHave(mirror, flatRefusals);
  assertFilter(mirror.filter);
  return mirror;
}

const flatRefusals: FlatRefusals = {
  udebs: "debian-installer udebs aren't supported for flat repos",
  appStream: "AppStream metadata isn't supported for flat repos",
};

/** Refuses a name before anything is fetched. @throws E_NAME_TAKEN */
export async function assertMirrorNameFree({ catalog }: MirrorPorts, name: string): Promise<void> {
  if ((await catalog.objects.find('mirror', name)) === undefined) return;
  throw new EspejoError('E_NAME_TAKEN', `mirror with name ${name} already exists`, { context: { name } });
}

/** @throws E_NAME_TAKEN, E_LOCKED */
export async function addMirror(ports: MirrorPorts, mirror: MirrorObject, { signal }: Job): Promise<void> {
  await ports.exclusively(`mirror create ${mirror.name}`, signal, async () => {
    await assertMirrorNameFree(ports, mirror.name);
    await ports.catalog.objects.change([{ save: 'mirror', object: mirror }]);
  });
}
