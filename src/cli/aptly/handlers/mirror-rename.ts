import { renameMirror } from '../../../mirror/mirrors.ts';
import type { Handler } from '../../command.ts';
import { withApp } from '../../session.ts';
import { unable } from '../unable.ts';

/** `mirror rename` (spec/cli.md 4.6). */
export const run: Handler = async (invocation) => {
  const [from = '', to = ''] = invocation.args;
  await withApp(invocation, (app, job) =>
    unable('unable to rename', () => renameMirror(app, { from, to }, job)),
  );
  return { lines: ['', `Mirror ${from} -> ${to} has been successfully renamed.`] };
};
