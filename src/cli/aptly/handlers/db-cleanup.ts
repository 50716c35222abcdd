import { cleanUp } from '../../../upkeep/cleanup.ts';
import { boolFlag, type Handler } from '../../command.ts';
import { withApp } from '../../session.ts';

/** `db cleanup` (spec/cli.md 9.1); tells what it does while it does it. */
export const run: Handler = async (invocation) => {
  const dryRun = boolFlag(invocation.flags, 'dry-run');
  await withApp(invocation, (app, job) => cleanUp(app, { dryRun }, job));
  return { lines: [] };
};
