import { planMirrors } from '../../app/sync-job.ts';
import type { Handler } from '../command.ts';
import { planJson, planLines } from '../render.ts';
import { relaxedBy, withApp } from '../session.ts';

export const run: Handler = async (invocation) => {
  const choice = { mirrors: invocation.args, force: true, relaxed: relaxedBy(invocation.flags) };
  const results = await withApp(invocation, (app, job) => planMirrors(app, choice, job));
  return { lines: results.flatMap(planLines), json: results.map(planJson) };
};
