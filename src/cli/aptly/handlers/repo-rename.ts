import { renameRepo } from '../../../repo/repos.ts';
import type { Handler } from '../../command.ts';
import { withApp } from '../../session.ts';
import { unable } from '../unable.ts';

export const run: Handler = async (invocation) => {
  const [from = '', to = ''] = invocation.args;
  await withApp(invocation, (app, job) =>
    unable('unable to rename', () => renameRepo(app, { from, to }, job)),
  );
  return { lines: ['', `Local repo ${from} -> ${to} has been successfully renamed.`] };
};
