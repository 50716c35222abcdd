import type { MirrorObject, PublicationObject, RepoObject, SnapshotObject } from './objects.ts';

/** What a snapshot was made from, or a publication publishes. */
export type SourceObject =
  | { readonly kind: 'mirror'; readonly object: MirrorObject }
  | { readonly kind: 'repo'; readonly object: RepoObject }
  | { readonly kind: 'snapshot'; readonly object: SnapshotObject };

/** A publication with the objects that it publishes, in the order of its components. */
export type PublicationFacts = {
  readonly publication: PublicationObject;
  readonly sources: readonly ComponentSource[];
};

export type ComponentSource = readonly [
  component: string,
  source: Exclude<SourceObject, { readonly kind: 'mirror' }>,
];

/** The one-line form of a mirror (spec/cli.md 4). */
export function mirrorText(mirror: MirrorObject): string {
  const extras = [
    mirror.downloadSources ? ' [src]' : '',
    mirror.downloadUdebs ? ' [udeb]' : '',
    mirror.downloadInstaller ? ' [installer]' : '',
    mirror.downloadAppStream ? ' [appstream]' : '',
  ];
  return `[${mirror.name}]: ${mirror.archiveRoot} ${distributionLabel(mirror)}${extras.join('')}`;
}

/** The one-line form of a local repository (spec/cli.md 5). */
export function repoText({ name, comment }: RepoObject): string {
  return comment === '' ? `[${name}]` : `[${name}]: ${comment}`;
}

/** The one-line form of a snapshot (spec/cli.md 6). */
export function snapshotText({ name, description }: SnapshotObject): string {
  return `[${name}]: ${description}`;
}

type Place = Pick<PublicationObject, 'storage' | 'prefix'>;

/** `<prefix>` or `<storage>:<prefix>`; the root is `.` (spec/cli.md 7). */
export function storagePrefix({ storage, prefix }: Place): string {
  return storage === '' ? prefix : `${storage}:${prefix}`;
}

/** `<storage prefix>/<distribution>`, which names a publication in JSON and in messages. */
export function publicationPath(publication: Place & Pick<PublicationObject, 'distribution'>): string {
  return `${storagePrefix(publication)}/${publication.distribution}`;
}

/** The one-line form of a publication (spec/cli.md 7). */
export function publicationText({ publication, sources }: PublicationFacts): string {
  const published = sources.map(([component, source]) => `{${component}: ${textOf(source)}}`);
  return `${publicationPath(publication)}${extras(publication)} [${publication.architectures.join(', ')}] publishes ${published.join(', ')}`;
}

function extras(publication: PublicationObject): string {
  const given = [
    ['origin', publication.origin],
    ['notautomatic', publication.notAutomatic],
    ['butautomaticupgrades', publication.butAutomaticUpgrades],
    ['label', publication.label],
    ['suite', publication.suite],
    ['codename', publication.codename],
  ].filter(([, value]) => value !== '');
  return given.length === 0 ? '' : ` (${given.map(([name, value]) => `${name}: ${value}`).join(', ')})`;
}

function textOf(source: ComponentSource[1]): string {
  return source.kind === 'repo' ? repoText(source.object) : snapshotText(source.object);
}

/** Of the archive itself when it is empty. */
export function distributionLabel({ distribution }: Pick<MirrorObject, 'distribution'>): string {
  return distribution === '' ? './' : distribution;
}
