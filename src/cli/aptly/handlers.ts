import type { Handler } from '../command.ts';

type Load = () => Promise<{ readonly run: Handler }>;

/** The commands of aptly that are there, by their words; what is not listed here is no command of espejo yet. */
export const handlers: Readonly<Record<string, Load>> = {
  graph: () => import('./handlers/graph.ts'),
  'mirror drop': () => import('./handlers/mirror-drop.ts'),
  'mirror list': () => import('./handlers/mirror-list.ts'),
  'mirror rename': () => import('./handlers/mirror-rename.ts'),
  'mirror search': () => import('./handlers/mirror-search.ts'),
  'mirror show': () => import('./handlers/mirror-show.ts'),
  'package search': () => import('./handlers/package-search.ts'),
  'package show': () => import('./handlers/package-show.ts'),
  'repo add': () => import('./handlers/repo-add.ts'),
  'repo copy': () => import('./handlers/repo-copy.ts'),
  'repo create': () => import('./handlers/repo-create.ts'),
  'repo drop': () => import('./handlers/repo-drop.ts'),
  'repo edit': () => import('./handlers/repo-edit.ts'),
  'repo import': () => import('./handlers/repo-import.ts'),
  'repo list': () => import('./handlers/repo-list.ts'),
  'repo move': () => import('./handlers/repo-move.ts'),
  'repo remove': () => import('./handlers/repo-remove.ts'),
  'repo rename': () => import('./handlers/repo-rename.ts'),
  'repo search': () => import('./handlers/repo-search.ts'),
  'repo show': () => import('./handlers/repo-show.ts'),
  'snapshot create': () => import('./handlers/snapshot-create.ts'),
  'snapshot diff': () => import('./handlers/snapshot-diff.ts'),
  'snapshot drop': () => import('./handlers/snapshot-drop.ts'),
  'snapshot filter': () => import('./handlers/snapshot-filter.ts'),
  'snapshot list': () => import('./handlers/snapshot-list.ts'),
  'snapshot merge': () => import('./handlers/snapshot-merge.ts'),
  'snapshot pull': () => import('./handlers/snapshot-pull.ts'),
  'snapshot rename': () => import('./handlers/snapshot-rename.ts'),
  'snapshot search': () => import('./handlers/snapshot-search.ts'),
  'snapshot show': () => import('./handlers/snapshot-show.ts'),
  'snapshot verify': () => import('./handlers/snapshot-verify.ts'),
};
