import { renameSnapshot } from '../../../snapshot/snapshots.ts';
import type { Handler } from '../../command.ts';
import { withApp } from '../../session.ts';
import { unable } from '../unable.ts';

export const run: Handler = async (invocation) => {
  const [from = '', to = ''] = invocation.args;
  await withApp(invocation, (app, { signal }) =>
    unable('unable to rename', () => renameSnapshot(app, { from, to }, signal)),
  );
  return { lines: ['', `Snapshot ${from} -> ${to} has been successfully renamed.`] };
};
