import { searchIn } from '../search.ts';

/** `mirror search` (spec/cli.md 4.8). */
export const run = searchIn('mirror');
