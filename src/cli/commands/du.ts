import { diskUsage } from '../../upkeep/disk-usage.ts';
import type { Handler } from '../command.ts';
import { usageLines } from '../render-usage.ts';
import { withApp } from '../session.ts';

export const run: Handler = async (invocation) => {
  const usage = await withApp(invocation, (app, job) => diskUsage(app, {}, job));
  return { lines: usageLines(usage), json: usage };
};
