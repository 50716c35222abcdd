import { pino } from 'pino';
import { serve } from '../../app/daemon.ts';
import { type Handler, stringFlag } from '../command.ts';
import { withApp } from '../session.ts';
import { welcomeLines } from '../welcome.ts';

export const run: Handler = async (invocation) => {
  const { flags, signal, print } = invocation;
  await withApp(invocation, async (app) => {
    const welcome = await welcomeLines(app);
    await serve(app, {
      listen: stringFlag(flags, 'listen'),
      logger: pino({ base: null }, pino.destination(2)),
      signal,
      onListening: (url) => print(`${welcome(url).join('\n')}\n`),
    });
  });
  return { lines: [] };
};
