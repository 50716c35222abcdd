import { searchAllPackages } from '../../../packages/all-packages.ts';
import type { Handler } from '../../command.ts';
import { withApp } from '../../session.ts';
import { readQuery } from '../query-argument.ts';
import { foundLines } from '../search-set.ts';
import { unable } from '../unable.ts';

export const run: Handler = async (invocation) => {
  const [word] = invocation.args;
  const query =
    word === undefined ? undefined : await unable('unable to search', () => readQuery(word, invocation));
  return await withApp(invocation, async (app) => ({
    lines: foundLines(await searchAllPackages(app, query), invocation.flags),
  }));
};
