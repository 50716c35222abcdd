import type { Reporter } from '../core/progress.ts';
import { eventText } from './event-text.ts';
import { progressLine } from './progress-line.ts';
import type { ProgressSink, Terminal } from './progress-sink.ts';
import { ProgressState } from './progress-state.ts';

const redrawMs = 100;
/** So that the rate falls while nothing comes. */
const idleRedrawMs = 1_000;

/** One line that is drawn over itself; everything else scrolls above it. */
export function progressBar(stream: Terminal, now: () => number = Date.now): ProgressSink {
  const state = new ProgressState(now);
  let drawnAt = Number.NEGATIVE_INFINITY;
  let isDrawn = false;
  let idle: NodeJS.Timeout | undefined;
  const clear = (): void => {
    if (isDrawn) stream.write('\r\u001b[K');
    isDrawn = false;
  };
  const draw = (): void => {
    clear();
    // The last column stays free: some terminals go to the next line with it.
    const line = progressLine(state, (stream.columns ?? 80) - 1);
    if (line !== '') stream.write(line);
    isDrawn = line !== '';
    drawnAt = now();
    idle ??= setInterval(draw, idleRedrawMs).unref();
  };
  const rest = (): void => {
    clear();
    clearInterval(idle);
    idle = undefined;
  };
  const say = (line: string): void => {
    clear();
    stream.write(`${line}\n`);
  };
  const report: Reporter = (event) => {
    state.apply(event);
    if (event.type === 'warning' || event.type === 'note' || event.type === 'retry')
      say(eventText(event) ?? '');
    if (event.type === 'phase' || event.type === 'queue' || now() - drawnAt >= redrawMs) draw();
  };
  return { report, say, log: say, clear: rest, end: rest };
}
