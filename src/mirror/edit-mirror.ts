import type { MirrorObject } from '../catalog/objects.ts';
import { shownMirror } from '../catalog/without-secrets.ts';
import { inStage } from '../core/errors.ts';
import { assertArchitecture } from '../deb/names.ts';
import type { Job } from '../packages/events.ts';
import { changeableMirror, changeMirror } from './mirror-lock.ts';
import { mirrorKeyring, type ReleaseAccess, withRelease } from './mirror-release.ts';
import {
  assertFilter,
  assertFlatCanHave,
  type FlatRefusals,
  type MirrorSettings,
  normalArchiveRoot,
} from './mirror-settings.ts';
import type { MirrorPorts } from './ports.ts';

/** What is to be different; a new archive or other architectures fetch the Release file again. */
export type MirrorChanges = Partial<
  MirrorSettings & Pick<MirrorObject, 'archiveRoot' | 'credentials' | 'architectures'>
>;

/**
 * Changes settings of a mirror; its packages stay as they are until the next update. The archive is asked outside of the
 * lock of the root directory, which then holds for the change alone.
 * Errors are of the stage `save`, those of its keyrings of the stage `verify`.
 * @param request.access for when the Release file has to be fetched
 * @throws E_OBJECT_NOT_FOUND; E_OBJECT_IN_USE while it is updated and for one of the configuration; E_BAD_VALUE,
 * E_QUERY_SYNTAX, E_FETCH_UNSUPPORTED, E_UNSAFE_PATH; E_LOCKED; what {@link withRelease} throws
 */
export async function editMirror(
  ports: MirrorPorts,
  request: { readonly name: string; readonly changes: MirrorChanges; readonly access: ReleaseAccess },
  job: Job,
): Promise<MirrorObject> {
  return shownMirror(await inStage('save', () => edit(ports, request, job)));
}

async function edit(
  ports: MirrorPorts,
  { name, changes, access }: Parameters<typeof editMirror>[1],
  job: Job,
): Promise<MirrorObject> {
  const before = await changeableMirror(ports, name);
  const wanted = normalChanges(changes);
  assertFlatCanHave({ ...before, ...wanted }, flatRefusals);
  const found = needsRelease(wanted)
    ? releaseFacts(
        await withRelease(
          ports,
          toAsk(before, wanted),
          { keyring: await mirrorKeyring(ports, access), tries: access.tries },
          job,
        ),
      )
    : {};
  const lock = { purpose: `mirror edit ${name}`, signal: job.signal };
  return await changeMirror(ports, name, lock, async (now) => {
    const { credentials, release, ...rest }: MirrorObject = { ...now, ...wanted, ...found };
    const isMoved = rest.archiveRoot !== now.archiveRoot;
    const object = {
      ...rest,
      ...(credentials ? { credentials } : {}),
      ...(release === undefined || isMoved ? {} : { release }),
    };
    await ports.catalog.objects.change([{ save: 'mirror', object }]);
    return object;
  });
}

const flatRefusals: FlatRefusals = {
  udebs: "flat mirrors don't support udebs",
  appStream: "flat mirrors don't support AppStream",
};

function normalChanges(changes: MirrorChanges): MirrorChanges {
  const { archiveRoot, architectures = [], filter } = changes;
  for (const architecture of architectures) assertArchitecture(architecture);
  if (filter !== undefined) assertFilter(filter);
  return archiveRoot === undefined ? changes : { ...changes, ...normalArchiveRoot(archiveRoot) };
}

function needsRelease({ archiveRoot, architectures }: MirrorChanges): boolean {
  return archiveRoot !== undefined || architectures !== undefined;
}

/** What another archive said does not date this one. */
function toAsk(before: MirrorObject, wanted: MirrorChanges): MirrorObject {
  const isMoved = wanted.archiveRoot !== undefined && wanted.archiveRoot !== before.archiveRoot;
  const { release: _, ...elsewhere } = before;
  return isMoved ? { ...elsewhere, ...wanted, meta: {} } : { ...before, ...wanted };
}

function releaseFacts({ components, architectures, meta }: MirrorObject): Partial<MirrorObject> {
  return { components, architectures, meta };
}
