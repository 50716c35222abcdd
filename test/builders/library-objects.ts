import type {
  MirrorObject,
  PublicationObject,
  RepoObject,
  SnapshotObject,
} from '../../src/catalog/objects.ts';

const uuid = '20e39938-3495-47a9-aba6-94159f5b9c07';

export function makeMirrorObject(changes: Partial<MirrorObject> = {}): MirrorObject {
  return {
    uuid,
    name: 'sid',
    archiveRoot: 'http://host/debian/',
    distribution: 'sid',
    components: ['main', 'contrib'],
    architectures: ['amd64', 'i386'],
    meta: { Suite: 'unstable', Origin: 'D <o>' },
    lastDownloadDate: null,
    filter: '',
    filterWithDeps: false,
    skipComponentCheck: false,
    skipArchitectureCheck: false,
    downloadSources: false,
    downloadUdebs: false,
    downloadInstaller: false,
    downloadAppStream: false,
    appStreamFiles: {},
    list: null,
    managedBy: null,
    ...changes,
  };
}

export function makeRepoObject(changes: Partial<RepoObject> = {}): RepoObject {
  return {
    uuid,
    name: 'r1',
    comment: '',
    defaultDistribution: '',
    defaultComponent: 'main',
    uploaders: null,
    list: 'list',
    ...changes,
  };
}

export function makeSnapshotObject(changes: Partial<SnapshotObject> = {}): SnapshotObject {
  return {
    uuid,
    name: 's1',
    createdAt: Date.UTC(2026, 10, 22, 20, 52, 4, 120),
    sourceKind: 'snapshot',
    sourceIds: [],
    description: 'Created as empty',
    origin: '',
    notAutomatic: '',
    butAutomaticUpgrades: '',
    appStreamFiles: {},
    list: 'list',
    ...changes,
  };
}

export function makePublicationObject(changes: Partial<PublicationObject> = {}): PublicationObject {
  return {
    uuid,
    name: './sid',
    storage: '',
    prefix: '.',
    distribution: 'sid',
    origin: '',
    notAutomatic: '',
    butAutomaticUpgrades: '',
    label: '',
    suite: '',
    codename: '',
    version: '',
    signedBy: '',
    architectures: ['amd64', 'i386'],
    sourceKind: 'snapshot',
    sources: {},
    lists: {},
    skipContents: false,
    skipBz2: false,
    acquireByHash: false,
    multiDist: false,
    revision: null,
    managedBy: null,
    ...changes,
  };
}
