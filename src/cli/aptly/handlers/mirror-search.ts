import { packagesOfMirror } from '../../../mirror/mirrors.ts';
import type { Handler } from '../../command.ts';
import { withApp } from '../../session.ts';
import { searchLines } from '../search-set.ts';
import { unable } from '../unable.ts';

/** `mirror search` (spec/cli.md 4.8). */
export const run: Handler = async (invocation) => {
  const [name = '', word] = invocation.args;
  const lines = await withApp(invocation, async (app, { report }) => {
    const set = await unable('unable to search', () => packagesOfMirror(app, name));
    return await searchLines(set, word, { invocation, config: app.config, report });
  });
  return { lines };
};
