import type { SourceObject } from '../../catalog/labels.ts';

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
