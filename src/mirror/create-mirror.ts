import { randomUUID } from 'node:crypto';
import { type MirrorObject, nameTaken } from '../catalog/objects.ts';
import { shownMirror } from '../catalog/without-secrets.ts';
import { EspejoError, inStage } from '../core/errors.ts';
import { assertArchitecture, assertComponent } from '../deb/names.ts';
import type { Job } from '../packages/events.ts';
import { mirrorKeyring, type ReleaseAccess, withRelease } from './mirror-release.ts';
import {
  assertFilter,
  assertFlatCanHave,
  type FlatRefusals,
  type MirrorSettings,
  normalArchiveRoot,
} from './mirror-settings.ts';
import type { MirrorPorts } from './ports.ts';
import { expandPpa } from './ppa.ts';
import { isFlat, normalDistribution } from './release-place.ts';

/** A mirror to be made. */
export type NewMirror = MirrorSettings &
  ReleaseAccess &
  Pick<
    MirrorObject,
    'name' | 'archiveRoot' | 'components' | 'skipComponentCheck' | 'skipArchitectureCheck'
  > & {
    /** Absent: the archive is a PPA, `ppa:<user>/<project>`. */
    readonly distribution?: string;
    /** Empty: all that the Release file lists; so are components. */
    readonly architectures: readonly string[];
  };

/**
 * Makes a mirror that was never updated, with what its Release file says.
 * @throws E_BAD_VALUE, E_TOOL_MISSING, E_IO for a PPA that leads nowhere, of no stage
 * @throws of the stage `read`: E_FETCH_UNSUPPORTED, E_QUERY_SYNTAX, E_UNSAFE_PATH; E_BAD_VALUE for what a flat archive cannot have
 * @throws E_NAME_TAKEN, E_LOCKED of the stage `save`; E_KEYRING_INVALID of the stage `verify`
 * @throws of the stage `fetch`: what {@link withRelease} throws
 */
export async function createMirror(ports: MirrorPorts, request: NewMirror, job: Job): Promise<MirrorObject> {
  const { name, distribution, ignoreSignatures, keyrings, tries, ...settings } = request;
  const place =
    distribution === undefined
      ? await expandPpa(settings.archiveRoot, ports, job.signal)
      : { distribution, archiveRoot: settings.archiveRoot, components: settings.components };
  const draft = await inStage('read', () => draftMirror({ ...settings, ...place, name }));
  await inStage('save', () => assertNameFree(ports, name));
  const keyring = await mirrorKeyring(ports, { ignoreSignatures, keyrings });
  const mirror = await inStage('fetch', () => withRelease(ports, draft, { keyring, tries }, job));
  await inStage('save', () => add(ports, mirror, job));
  return shownMirror(mirror);
}

type Draft = MirrorSettings &
  Pick<
    MirrorObject,
    | 'name'
    | 'archiveRoot'
    | 'distribution'
    | 'components'
    | 'architectures'
    | 'skipComponentCheck'
    | 'skipArchitectureCheck'
  >;

/** Before anything is known of its Release file. */
function draftMirror(settings: Draft): MirrorObject {
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
async function assertNameFree({ catalog }: MirrorPorts, name: string): Promise<void> {
  if ((await catalog.objects.find('mirror', name)) === undefined) return;
  throw nameTaken('mirror', name);
}

async function add(ports: MirrorPorts, mirror: MirrorObject, { signal }: Job): Promise<void> {
  await ports.exclusively(`mirror create ${mirror.name}`, signal, async () => {
    await assertNameFree(ports, mirror.name);
    await ports.catalog.objects.change([{ save: 'mirror', object: mirror }]);
  });
}
