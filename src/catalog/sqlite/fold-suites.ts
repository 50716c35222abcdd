import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { splitLogin } from '../../core/login.ts';
import type { AcceptedRelease, MirrorObject } from '../objects.ts';
import { PackageLists } from './package-lists.ts';

/** A row of the table of suites, as it was. */
type OldSuite = AcceptedRelease & {
  readonly suite: string;
  readonly meta: MirrorObject['meta'];
  readonly components: readonly { readonly name: string; readonly list: string }[];
  readonly indexes: NonNullable<MirrorObject['indexes']>;
};

/**
 * Until schema 7 what `sync` had of a configured mirror stood in tables of its own, beside the mirrors `<mirror>:<suite>` that
 * showed it. Brings it into those, and drops the tables. Where a mirror made by hand has such a name it keeps it: the next
 * sync tells so.
 */
export function foldSuites(database: DatabaseSync): void {
  const find = database.prepare("SELECT record FROM objects WHERE kind = 'mirror' AND name = ?");
  const save = database.prepare("INSERT OR REPLACE INTO objects VALUES ('mirror', ?, ?, ?)");
  const lists = new PackageLists(database);
  const rows = database.prepare('SELECT * FROM suites JOIN mirrors ON mirrors.name = mirror').all();
  for (const { mirror, state, selection_id: id, synced_at: at, packages } of rows) {
    const suite = JSON.parse(String(state)) as OldSuite;
    const record = find.get(`${mirror}:${suite.suite}`)?.['record'];
    const before = record === undefined ? undefined : (JSON.parse(String(record)) as MirrorObject);
    if (before !== undefined && before.managedBy !== mirror) continue;
    const selection = { id: String(id), packages: Number(packages) };
    const shown = before ?? unshown(String(mirror), suite, lists, Number(at));
    const object = { ...shown, ...syncedFields(suite), selection };
    save.run(object.uuid, object.name, JSON.stringify(object));
  }
  database.exec('DROP TABLE suites; DROP TABLE mirrors;');
}

function syncedFields({ suite: _, meta, components, indexes, ...release }: OldSuite): Partial<MirrorObject> {
  const lists = Object.fromEntries(components.map(({ name, list }) => [name, list]));
  return { components: components.map(({ name }) => name), meta, indexes, release, lists };
}

/** The settings come with the next sync. */
function unshown(
  mirror: string,
  { suite, url, components, meta }: OldSuite,
  lists: PackageLists,
  syncedAt: number,
): MirrorObject {
  return {
    uuid: randomUUID(),
    name: `${mirror}:${suite}`,
    archiveRoot: splitLogin(url).url,
    distribution: suite,
    components: [],
    architectures: [],
    meta,
    lastDownloadDate: syncedAt,
    filter: '',
    filterWithDeps: false,
    skipComponentCheck: false,
    skipArchitectureCheck: false,
    downloadSources: false,
    downloadUdebs: false,
    downloadInstaller: false,
    downloadAppStream: false,
    appStreamFiles: {},
    list: lists.union(components.map(({ list }) => list)),
    managedBy: mirror,
  };
}
