import { syncMirrors } from '../../app/sync-job.ts';
import { boolFlag, type Handler } from '../command.ts';
import { syncLines } from '../render.ts';
import { relaxedBy, withApp } from '../session.ts';
import { run as runPlan } from './plan.ts';

export const run: Handler = async (invocation) => {
  const { args, flags } = invocation;
  if (boolFlag(flags, 'dry-run')) return await runPlan(invocation);
  const choice = { mirrors: args, force: boolFlag(flags, 'force'), relaxed: relaxedBy(flags) };
  const results = await withApp(invocation, (app, job) => syncMirrors(app, choice, job));
  return { lines: results.flatMap(syncLines), json: results };
};
