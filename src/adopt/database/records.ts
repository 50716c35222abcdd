import type { FileFacts } from '../../core/digest.ts';
import { Fields } from './fields.ts';
import type { AptlyTime } from './time.ts';

/** A mirror: record `R<uuid>`. */
export type AptlyMirror = {
  readonly uuid: string;
  readonly name: string;
  readonly archiveRoot: string;
  /** A flat archive has `./` or `./<path>/`. */
  readonly distribution: string;
  readonly components: readonly string[];
  readonly architectures: readonly string[];
  /** Fields of the Release file without its lists of checksums. */
  readonly meta: ReadonlyMap<string, string>;
  /** Undefined when it was never updated. */
  readonly lastDownload: AptlyTime | undefined;
  /** A package query; empty for none. */
  readonly filter: string;
  readonly filterWithDeps: boolean;
  /** Whether an update was running, or died, when the database was closed. */
  readonly updating: boolean;
  readonly workerPid: number;
  readonly skipComponentCheck: boolean;
  readonly skipArchitectureCheck: boolean;
  readonly downloadSources: boolean;
  readonly downloadUdebs: boolean;
  readonly downloadInstaller: boolean;
  readonly downloadAppStream: boolean;
  /** Path in the archive to path in the pool. */
  readonly appStreamFiles: ReadonlyMap<string, string>;
};

/** A local repository: record `L<uuid>`. */
export type AptlyRepo = {
  readonly uuid: string;
  readonly name: string;
  readonly comment: string;
  readonly defaultDistribution: string;
  readonly defaultComponent: string;
  readonly uploaders: AptlyUploaders | undefined;
};

export type AptlyUploaders = {
  /** Nil lists are null: aptly shows them so. */
  readonly groups: ReadonlyMap<string, readonly string[] | null> | null;
  readonly rules:
    | readonly {
        readonly condition: string;
        readonly allow: readonly string[] | null;
        readonly deny: readonly string[] | null;
      }[]
    | null;
};

/** A snapshot: record `S<uuid>`. */
export type AptlySnapshot = {
  readonly uuid: string;
  readonly name: string;
  readonly createdAt: AptlyTime | undefined;
  /** aptly writes `repo` for a mirror and `local` for a repository. */
  readonly sourceKind: 'mirror' | 'repo' | 'snapshot';
  /** UUIDs; what they name may be gone. */
  readonly sources: readonly string[];
  readonly description: string;
  readonly origin: string;
  readonly notAutomatic: string;
  readonly butAutomaticUpgrades: string;
  readonly appStreamFiles: ReadonlyMap<string, string>;
};

/** A publication: record `U<storage>:<prefix>>><distribution>`. An empty text stands for the derived default. */
export type AptlyPublication = {
  readonly uuid: string;
  readonly storage: string;
  /** `.` is the root. */
  readonly prefix: string;
  readonly distribution: string;
  readonly origin: string;
  readonly notAutomatic: string;
  readonly butAutomaticUpgrades: string;
  readonly label: string;
  readonly suite: string;
  readonly codename: string;
  readonly version: string;
  /** With `source` when sources are published. */
  readonly architectures: readonly string[];
  readonly sourceKind: 'snapshot' | 'repo';
  /** Component to UUID. */
  readonly sources: ReadonlyMap<string, string>;
  readonly skipContents: boolean;
  readonly skipBz2: boolean;
  readonly acquireByHash: boolean;
  readonly signedBy: string;
  readonly multiDist: boolean;
  /** Staged changes: component to name of the source; undefined when there are none. */
  readonly staged: ReadonlyMap<string, string> | undefined;
};

/** @param key of the record, for errors; so in all the following @throws E_CATALOG */
export function readMirror(value: Buffer, key: string): AptlyMirror {
  const fields = Fields.decode(value, key);
  return {
    uuid: fields.text('UUID'),
    name: fields.text('Name'),
    archiveRoot: fields.text('ArchiveRoot'),
    distribution: fields.text('Distribution') || './',
    components: fields.texts('Components'),
    architectures: fields.texts('Architectures'),
    meta: fields.textMap('Meta'),
    lastDownload: fields.time('LastDownloadDate'),
    filter: fields.text('Filter'),
    filterWithDeps: fields.flag('FilterWithDeps'),
    updating: fields.integer('Status') !== 0,
    workerPid: fields.integer('WorkerPID'),
    skipComponentCheck: fields.flag('SkipComponentCheck'),
    skipArchitectureCheck: fields.flag('SkipArchitectureCheck'),
    downloadSources: fields.flag('DownloadSources'),
    downloadUdebs: fields.flag('DownloadUdebs'),
    downloadInstaller: fields.flag('DownloadInstaller'),
    downloadAppStream: fields.flag('DownloadAppStream'),
    appStreamFiles: fields.textMap('AppStreamFiles'),
  };
}

export function readRepo(value: Buffer, key: string): AptlyRepo {
  const fields = Fields.decode(value, key);
  return {
    uuid: fields.text('UUID'),
    name: fields.text('Name'),
    comment: fields.text('Comment'),
    defaultDistribution: fields.text('DefaultDistribution'),
    defaultComponent: fields.text('DefaultComponent'),
    uploaders: fields.has('Uploaders') ? readUploaders(fields.record('Uploaders')) : undefined,
  };
}

export function readSnapshot(value: Buffer, key: string): AptlySnapshot {
  const fields = Fields.decode(value, key);
  const sourceKind = snapshotKinds.get(fields.text('SourceKind'));
  if (sourceKind === undefined) throw fields.wrong('SourceKind', 'one of repo, local and snapshot');
  return {
    uuid: fields.text('UUID'),
    name: fields.text('Name'),
    createdAt: fields.time('CreatedAt'),
    sourceKind,
    sources: fields.texts('SourceIDs'),
    description: fields.text('Description'),
    origin: fields.text('Origin'),
    notAutomatic: fields.text('NotAutomatic'),
    butAutomaticUpgrades: fields.text('ButAutomaticUpgrades'),
    appStreamFiles: fields.textMap('AppStreamFiles'),
  };
}

export function readPublication(value: Buffer, key: string): AptlyPublication {
  const fields = Fields.decode(value, key);
  const sourceKind = publicationKinds.get(fields.text('SourceKind'));
  if (sourceKind === undefined) throw fields.wrong('SourceKind', 'one of snapshot and local');
  return {
    uuid: fields.text('UUID'),
    storage: fields.text('Storage'),
    prefix: fields.text('Prefix') || '.',
    distribution: fields.text('Distribution'),
    origin: fields.text('Origin'),
    notAutomatic: fields.text('NotAutomatic'),
    butAutomaticUpgrades: fields.text('ButAutomaticUpgrades'),
    label: fields.text('Label'),
    suite: fields.text('Suite'),
    codename: fields.text('Codename'),
    version: fields.text('Version'),
    architectures: fields.texts('Architectures'),
    sourceKind,
    sources: publicationSources(fields),
    skipContents: fields.flag('SkipContents'),
    skipBz2: fields.flag('SkipBz2'),
    acquireByHash: fields.flag('AcquireByHash'),
    signedBy: fields.text('SignedBy'),
    multiDist: fields.flag('MultiDist'),
    staged: fields.has('Revision') ? fields.record('Revision').textMap('Sources') : undefined,
  };
}

/** The package keys of a list (record `E…`), one character a byte. */
export function readReferenceList(value: Buffer, key: string): readonly string[] {
  return Fields.decode(value, key).latin1s('Refs');
}

/** What is known of a pool file (record `C<path>`). */
export function readChecksums(value: Buffer, key: string): FileFacts {
  return Fields.decode(value, key).facts();
}

const snapshotKinds: ReadonlyMap<string, AptlySnapshot['sourceKind']> = new Map([
  ['repo', 'mirror'],
  ['local', 'repo'],
  ['snapshot', 'snapshot'],
]);

/** Empty in records that are older than the publication of repositories. */
const publicationKinds: ReadonlyMap<string, AptlyPublication['sourceKind']> = new Map([
  ['snapshot', 'snapshot'],
  ['', 'snapshot'],
  ['local', 'repo'],
]);

/** Before 0.6 a publication had one component and one snapshot, each in a field of its own. */
function publicationSources(fields: Fields): ReadonlyMap<string, string> {
  const sources = fields.textMap('Sources');
  const component = fields.text('Component');
  const snapshot = fields.text('SnapshotUUID');
  return sources.size === 0 && component !== '' && snapshot !== ''
    ? new Map([[component, snapshot]])
    : sources;
}

function readUploaders(fields: Fields): AptlyUploaders {
  const groups = fields.record('groups');
  const rules = fields.records('rules').map((rule) => ({
    condition: rule.text('condition'),
    allow: textsOrNil(rule, 'allow'),
    deny: textsOrNil(rule, 'deny'),
  }));
  return {
    groups: fields.has('groups')
      ? new Map(groups.names.map((name) => [name, textsOrNil(groups, name)]))
      : null,
    rules: fields.has('rules') ? rules : null,
  };
}

function textsOrNil(fields: Fields, name: string): readonly string[] | null {
  return fields.has(name) ? fields.texts(name) : null;
}
