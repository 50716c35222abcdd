import { setImmediate } from 'node:timers/promises';
import { errorFacts, errorOf } from '../core/error-facts.ts';
import type { Journal } from '../core/journal.ts';
import { type Serving, serveHere } from './serve-here.ts';
import type { Answers, Order, Question, Report } from './serving-protocol.ts';

/** Entry of a process that answers requests until it is told to stop, or the one that began it is gone. */
function main(): void {
  // A terminal and a service manager signal the whole group: when to stop is for the first process to say.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  process.once('disconnect', () => process.exit(0));
  const asked = new Map<number, PromiseWithResolvers<Answers[Question]>>();
  let serving: ReturnType<typeof begin> | undefined;
  process.on('message', (order: Order) => {
    switch (order.type) {
      case 'start':
        serving = begin(order, asked);
        return;
      case 'close':
        void end(serving, order.graceMs);
        return;
      case 'answer':
        asked.get(order.id)?.resolve(order.answer);
        asked.delete(order.id);
        return;
      case 'refusal':
        asked.get(order.id)?.reject(errorOf(order));
        asked.delete(order.id);
    }
  });
  tell({ type: 'ready' });
}

async function begin(
  { publicDirectory, address, logRequests, memory }: Extract<Order, { type: 'start' }>,
  asked: Map<number, PromiseWithResolvers<Answers[Question]>>,
): Promise<Serving | undefined> {
  let questions = 0;
  const ask = <Key extends Question>(question: Key): Promise<Answers[Key]> => {
    const answer = Promise.withResolvers<Answers[Question]>();
    questions += 1;
    asked.set(questions, answer);
    tell({ type: 'ask', id: questions, question });
    return answer.promise as Promise<Answers[Key]>;
  };
  const site = (): Promise<Answers['site']> => ask('site');
  const ready = (): Promise<Answers['ready']> => ask('ready');
  try {
    const serving = await serveHere({ publicDirectory, address, logRequests, memory, site, ready, journal });
    tell({ type: 'listening', url: serving.url });
    return serving;
  } catch (error) {
    process.send?.({ type: 'failed', ...errorFacts(error) } satisfies Report, () => process.disconnect());
    return undefined;
  }
}

async function end(serving: ReturnType<typeof begin> | undefined, graceMs: number): Promise<void> {
  try {
    const open = await serving;
    await open?.close(graceMs);
    // Connections of this moment may have been handed over and not arrived.
    await setImmediate();
  } finally {
    process.disconnect();
  }
}

const journal: Journal = {
  debug: teller('debug'),
  info: teller('info'),
  warn: teller('warn'),
  error: teller('error'),
  request: (facts) => tell({ type: 'request', facts }),
};

function teller(level: Exclude<keyof Journal, 'request'>): Journal['info'] {
  return (event, message, facts = {}) => tell({ type: 'journal', level, event, message, facts });
}

function tell(report: Report): void {
  process.send?.(report);
}

main();
