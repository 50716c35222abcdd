import { type Logger, pino } from 'pino';
import type { CycleResult } from '../../app/cycle.ts';
import { runDaemon } from '../../app/daemon.ts';
import { isEspejoError } from '../../core/errors.ts';
import { type Handler, stringFlag } from '../command.ts';
import { publishLine, syncLines } from '../render.ts';
import { lockWaitMs, withApp } from '../session.ts';
import { welcomeLines } from '../welcome.ts';

export const run: Handler = async (invocation) => {
  const { flags, signal, cwd, report, print } = invocation;
  const logger = pino({ base: null }, pino.destination(2));
  await withApp(invocation, async (app) => {
    let url = '';
    let welcomed = false;
    await runDaemon(app, {
      listen: stringFlag(flags, 'listen'),
      logger,
      signal,
      cwd,
      report,
      lockWaitMs: lockWaitMs(invocation),
      onListening: (address) => {
        url = address;
        print(`serving ${url}\n`);
      },
      onCycle: async (result) => {
        logCycle(logger, result);
        if (welcomed || result.published.length === 0) return;
        welcomed = true;
        const welcome = await welcomeLines(app);
        print(`${welcome(url).slice(1).join('\n')}\n`);
      },
      onFailure: (error) => logFailure(logger, error),
    });
  });
  return { lines: [] };
};

function logCycle(logger: Logger, { synced, published, failures }: CycleResult): void {
  for (const result of synced) logger.info({ result: syncLines(result) }, 'sync');
  for (const result of published) logger.info({ result: publishLine(result) }, 'publish');
  for (const failure of failures) logger.error(failure, 'failed');
}

function logFailure(logger: Logger, error: unknown): void {
  if (isEspejoError(error))
    logger.error({ code: error.code, message: error.message, hint: error.hint }, 'round failed');
  else logger.error({ err: error }, 'round failed');
}
