import type { Phase } from '../core/progress.ts';

/** What a long operation does, for people. */
export const phaseWords: Readonly<Record<Phase, string>> = {
  release: 'checking Release files',
  indexes: 'reading package indexes',
  select: 'selecting packages',
  download: 'downloading packages',
  commit: 'saving the new state',
  render: 'writing indexes',
  sign: 'signing',
  flip: 'switching to the new tree',
  verify: 'verifying the published tree',
  clean: 'removing what is no longer needed',
};
