import { about, isEspejoError } from '../../../core/errors.ts';
import { createSnapshot, type SnapshotOrigin } from '../../../snapshot/snapshots.ts';
import type { Handler } from '../../command.ts';
import { withApp } from '../../session.ts';
import { snapshotMadeLines } from '../snapshot-lines.ts';

export const run: Handler = async (invocation) => {
  const [name = '', ...words] = invocation.args;
  const origin = originOf(words);
  await withApp(invocation, async (app, { signal }) => {
    try {
      await createSnapshot(app, { name, origin }, signal);
    } catch (error) {
      throw about(`unable to ${isEspejoError(error, 'E_NAME_TAKEN') ? 'add' : 'create'} snapshot`, error);
    }
  });
  return { lines: snapshotMadeLines(invocation, name) };
};

/** `from mirror <name>`, `from repo <name>` or `empty`, as the arity of the command has checked. */
function originOf([first, kind, name = '']: readonly string[]): SnapshotOrigin {
  if (first === 'empty') return { kind: 'nothing' };
  return { kind: kind === 'mirror' ? 'mirror' : 'repo', name };
}
