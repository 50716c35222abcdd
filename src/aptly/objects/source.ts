import type { MirrorObject, RepoObject, SnapshotObject } from '../../catalog/library.ts';

/** What a snapshot was made from, or a publication publishes. */
export type SourceObject =
  | { readonly kind: 'mirror'; readonly object: MirrorObject }
  | { readonly kind: 'repo'; readonly object: RepoObject }
  | { readonly kind: 'snapshot'; readonly object: SnapshotObject };

/** aptly calls a mirror `repo` and a local repository `local`, in its output as in its database. */
export type SourceWord = 'repo' | 'local' | 'snapshot';

export function sourceWord(kind: SourceObject['kind']): SourceWord {
  return words[kind];
}

/** `<name> [<kind>]` */
export function sourceLine({ kind, object }: SourceObject): string {
  return `${object.name} [${words[kind]}]`;
}

const words: Readonly<Record<SourceObject['kind'], SourceWord>> = {
  mirror: 'repo',
  repo: 'local',
  snapshot: 'snapshot',
};
