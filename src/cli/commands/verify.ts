import { verifyAll } from '../../publish/verify-all.ts';
import type { Handler } from '../command.ts';
import { verifyLine } from '../render.ts';
import { withApp } from '../session.ts';

export const run: Handler = async (invocation) => {
  const results = await withApp(invocation, (app, job) => verifyAll(app, invocation.args, job));
  return { lines: results.map(verifyLine), json: results };
};
