import type { CycleFailure, CycleResult } from '../../app/cycle.ts';
import { runDaemon } from '../../app/daemon.ts';
import { isEspejoError } from '../../core/errors.ts';
import type { Journal } from '../../core/journal.ts';
import { type Handler, stringFlag } from '../command.ts';
import { openJournal } from '../journal.ts';
import { onReloadOrder } from '../reload-orders.ts';
import { cleanupLine, publishLine, syncLines } from '../render.ts';
import { lockWaitMs, withApp } from '../session.ts';
import { welcomeLines } from '../welcome.ts';

export const run: Handler = async (invocation) => {
  const { flags, signal, cwd } = invocation;
  await withApp(invocation, async (app) => {
    const { journal, report, follow } = openJournal(invocation, app.config.aptly);
    let url = '';
    let welcomed = false;
    await runDaemon(app, {
      listen: stringFlag(flags, 'listen'),
      journal,
      signal,
      cwd,
      report,
      lockWaitMs: lockWaitMs(invocation),
      onReloadOrder,
      onReload: ({ aptly }) => follow(aptly),
      onListening: (address) => {
        url = address;
        journal.info('listening', `serving ${url}`, { url });
      },
      onCycle: async (result) => {
        tellCycle(journal, result);
        if (welcomed || result.published.length === 0) return;
        welcomed = true;
        const welcome = await welcomeLines(app);
        for (const line of welcome(url).slice(1)) if (line !== '') journal.info('welcome', line);
      },
      onCleanup: (result) => journal.info('cleanup', cleanupLine(result), { ...result }),
      onFailure: (error, subject) => tellFailure(journal, error, subject),
    });
  });
  return { lines: [] };
};

function tellCycle(journal: Journal, { synced, published, failures }: CycleResult): void {
  for (const result of synced) {
    const { mirror, outcome } = result;
    const [line = '', ...unsatisfied] = syncLines(result);
    journal.info('sync', line, { mirror, outcome });
    for (const one of unsatisfied) journal.warn('unsatisfied', `${mirror}: ${one.trim()}`, { mirror });
  }
  for (const result of published) {
    const { publication, outcome, generation } = result;
    journal.info('publish', publishLine(result), { publication, outcome, generation });
  }
  for (const failure of failures) journal.error('failed', failureLine(failure), failureFacts(failure));
}

function failureLine({ subject, message, hint, code }: CycleFailure): string {
  return `${subject}: ${message}${hint === undefined ? '' : ` (${hint})`} [${code}]`;
}

function failureFacts({ subject, code, hint }: CycleFailure): Omit<CycleFailure, 'message'> {
  return { subject, code, hint };
}

function tellFailure(journal: Journal, error: unknown, subject: string): void {
  if (isEspejoError(error)) {
    const { code, message, hint } = error;
    journal.error('failed', failureLine({ subject, code, message, hint }), {
      code,
      hint,
    });
  } else journal.error('failed', `${subject}: ${String(error)}`, { err: error });
}
