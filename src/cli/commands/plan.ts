import { planMirrors } from '../../mirror/sync-mirrors.ts';
import type { Handler } from '../command.ts';
import { planLines } from '../render.ts';
import { runEach, together } from '../run-each.ts';
import { relaxedBy, withApp } from '../session.ts';

export const run: Handler = async (invocation) => {
  const choice = { force: true, relaxed: relaxedBy(invocation.flags) };
  const { results, faults } = await withApp(invocation, async (app, job) => {
    const names = invocation.args.length > 0 ? invocation.args : app.config.mirrors.map(({ name }) => name);
    if (names.length < 2)
      return { results: await planMirrors(app, { ...choice, mirrors: names }, job), faults: [] };
    return await runEach(names, job.signal, (name) => planMirrors(app, { ...choice, mirrors: [name] }, job));
  });
  return { lines: results.flatMap(planLines), json: results, faults: together(faults) };
};
