import { recoverRoot } from '../../../app/recover-root.ts';
import type { Handler } from '../../command.ts';
import { configOf, lockWaitMs, withApp } from '../../session.ts';

/** `db recover` (spec/cli.md 9.2). */
export const run: Handler = async (invocation) => {
  const { print } = invocation;
  print('Recovering database...\n');
  const config = await configOf(invocation);
  const dangling = await recoverRoot(config, { waitMs: lockWaitMs(invocation) }, invocation);
  print('Checking database integrity...\n');
  await withApp(invocation, async () => undefined);
  return { lines: dangling.map((key) => `Removing dangling database reference ${JSON.stringify(key)}`) };
};
