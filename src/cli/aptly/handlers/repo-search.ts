import { findObject } from '../../../catalog/find-object.ts';
import { loadPackageSet } from '../../../packages/package-sets.ts';
import type { Handler } from '../../command.ts';
import { withApp } from '../../session.ts';
import { searchLines } from '../search-set.ts';
import { unable } from '../unable.ts';

export const run: Handler = async (invocation) => {
  const [name = '', word] = invocation.args;
  const lines = await withApp(invocation, async (app, { report }) => {
    const set = await unable('unable to search', async () => {
      const { list } = await findObject(app, 'repo', name);
      return await loadPackageSet(app, list);
    });
    return await searchLines(set, word, { invocation, config: app.config, report });
  });
  return { lines };
};
