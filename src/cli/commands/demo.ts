import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { prepareDemo } from '../../demo/prepare-demo.ts';
import { makeKey } from '../../keys/own-key.ts';
import { strict, syncMirrors } from '../../mirror/sync-mirrors.ts';
import { publishAll } from '../../publish/publish-configured.ts';
import { verifyAll } from '../../publish/verify-all.ts';
import { run as runServe } from '../aptly/serve.ts';
import { boolFlag, type Handler, stringFlag } from '../command.ts';
import { publishLines, syncLines, verifyLine } from '../render.ts';
import { withApp } from '../session.ts';

export const run: Handler = async (invocation) => {
  const { flags, env, cwd, say } = invocation;
  const root = resolve(cwd, stringFlag(flags, 'root') ?? join(env['HOME'] ?? homedir(), '.espejo', 'demo'));
  const demo = await prepareDemo(root);
  const configured = { ...invocation, flags: new Map([...flags, ['config', demo.configPath] as const]) };
  try {
    say(`upstream archive made in code: ${demo.upstreamUrl}`);
    say(`configuration: ${demo.configPath}`);
    const lines = await withApp(configured, async (app, job) => {
      await makeKey(app);
      const synced = await syncMirrors(app, { mirrors: [], force: false, relaxed: strict }, job);
      const published = await publishAll(app, { publications: [], force: false }, job);
      const verified = await verifyAll(app, [], job);
      return [...synced.flatMap(syncLines), ...published.flatMap(publishLines), ...verified.map(verifyLine)];
    });
    if (boolFlag(flags, 'once')) return { lines };
    invocation.print(`${lines.join('\n')}\n`);
    return await runServe(configured);
  } finally {
    await demo.close();
  }
};
