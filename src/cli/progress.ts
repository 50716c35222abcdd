import type { Reporter } from '../core/progress.ts';
import { eventText } from './event-text.ts';
import { progressBar } from './progress-bar.ts';
import { progressLine } from './progress-line.ts';
import type { ProgressSink, Terminal } from './progress-sink.ts';
import { ProgressState } from './progress-state.ts';

/** Progress for whoever reads `stream`: a bar on a terminal, plain lines elsewhere, JSON lines for machines. */
export function progressReporter(
  stream: Terminal,
  { json, quiet }: { readonly json: boolean; readonly quiet: boolean },
): ProgressSink {
  if (quiet) return warningsOnly(stream);
  if (json) return jsonLines(stream);
  return stream.isTTY === true ? progressBar(stream) : plainLines(stream);
}

function warningsOnly(stream: Terminal): ProgressSink {
  const report: Reporter = (event) => {
    if (event.type === 'warning') stream.write(`warning: ${event.message}\n`);
  };
  return { report, say: () => undefined, log: logTo(stream), clear: () => undefined, end: () => undefined };
}

function jsonLines(stream: Terminal): ProgressSink {
  const write = (value: unknown): void => {
    stream.write(`${JSON.stringify(value)}\n`);
  };
  const say = (message: string): void => write({ type: 'note', message });
  return { report: write, say, log: logTo(stream), clear: () => undefined, end: () => undefined };
}

function logTo(stream: Terminal): (line: string) => void {
  return (line) => {
    stream.write(`${line}\n`);
  };
}

/** So many files of a queue are told by name. */
const fewFiles = 20;
/** How often a download of many files is told about where nobody watches a bar. */
const plainIntervalMs = 15_000;

/** Few lines: files by name as long as they are few, else how far the queue is, now and then. */
function plainLines(stream: Terminal): ProgressSink {
  const say = logTo(stream);
  const state = new ProgressState(Date.now);
  let toldAt = 0;
  const report: Reporter = (event) => {
    state.apply(event);
    if (event.type === 'queue') toldAt = Date.now();
    if ((state.files.all ?? 0) > fewFiles && (event.type === 'fetch-start' || event.type === 'fetch-end')) {
      if (Date.now() - toldAt < plainIntervalMs) return;
      toldAt = Date.now();
      say(progressLine(state, Number.POSITIVE_INFINITY));
      return;
    }
    const line = eventText(event);
    if (line !== undefined) say(line);
  };
  return { report, say, log: say, clear: () => undefined, end: () => undefined };
}
