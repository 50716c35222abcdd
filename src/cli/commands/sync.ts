import { syncMirrors } from '../../mirror/sync-mirrors.ts';
import { boolFlag, type Handler } from '../command.ts';
import { syncLines } from '../render.ts';
import { runEach, together } from '../run-each.ts';
import { relaxedBy, withApp } from '../session.ts';
import { run as runPlan } from './plan.ts';

export const run: Handler = async (invocation) => {
  const { args, flags } = invocation;
  if (boolFlag(flags, 'dry-run')) return await runPlan(invocation);
  const choice = { force: boolFlag(flags, 'force'), relaxed: relaxedBy(flags) };
  const { results, faults } = await withApp(invocation, async (app, job) => {
    const names = args.length > 0 ? args : app.config.mirrors.map(({ name }) => name);
    if (names.length < 2)
      return { results: await syncMirrors(app, { mirrors: names, ...choice }, job), faults: [] };
    return await runEach(names, job.signal, (name) => syncMirrors(app, { mirrors: [name], ...choice }, job));
  });
  return { lines: results.flatMap(syncLines), json: results, faults: together(faults) };
};
