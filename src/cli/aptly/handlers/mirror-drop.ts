import { snapshotText } from '../../../catalog/labels.ts';
import { EspejoError } from '../../../core/errors.ts';
import { dropMirror } from '../../../mirror/mirrors.ts';
import { boolFlag, type Handler } from '../../command.ts';
import { withApp } from '../../session.ts';
import { unable } from '../unable.ts';

/** `mirror drop` (spec/cli.md 4.7). */
export const run: Handler = async (invocation) => {
  const { args, flags, print } = invocation;
  const [name = ''] = args;
  const force = boolFlag(flags, 'force');
  const snapshots = await withApp(invocation, (app, job) =>
    unable('unable to drop', () => dropMirror(app, { name, force }, job)),
  );
  if (snapshots.length === 0) return { lines: [`Mirror \`${name}\` has been removed.`] };
  print(`Mirror \`${name}\` was used to create following snapshots:\n`);
  for (const snapshot of snapshots) print(` * ${snapshotText(snapshot)}\n`);
  throw new EspejoError('E_OBJECT_IN_USE', "won't delete mirror with snapshots, use -force to override");
};
