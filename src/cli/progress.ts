import type { Phase, ProgressEvent, Reporter } from '../core/progress.ts';
import { formatBytes } from '../core/units.ts';

export type ProgressSink = {
  readonly report: Reporter;
  /** A line for people that is no event. */
  readonly say: (line: string) => void;
  /** A line that is told although all is quiet. */
  readonly log: (line: string) => void;
  readonly end: () => void;
};

type Terminal = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** Progress for whoever reads `stream`: a bar on a terminal, plain lines elsewhere, JSON lines for machines. */
export function progressReporter(
  stream: Terminal,
  { json, quiet }: { readonly json: boolean; readonly quiet: boolean },
): ProgressSink {
  if (quiet) return warningsOnly(stream);
  if (json) return jsonLines(stream);
  return stream.isTTY === true ? bar(stream) : plainLines(stream);
}

function warningsOnly(stream: Terminal): ProgressSink {
  const report: Reporter = (event) => {
    if (event.type === 'warning') stream.write(`warning: ${event.message}\n`);
  };
  return { report, say: () => undefined, log: logTo(stream), end: () => undefined };
}

function jsonLines(stream: Terminal): ProgressSink {
  const write = (value: unknown): void => {
    stream.write(`${JSON.stringify(value)}\n`);
  };
  const say = (message: string): void => write({ type: 'note', message });
  return { report: write, say, log: logTo(stream), end: () => undefined };
}

function logTo(stream: Terminal): (line: string) => void {
  return (line) => {
    stream.write(`${line}\n`);
  };
}

function plainLines(stream: Terminal): ProgressSink {
  const say = (line: string): void => {
    stream.write(`${line}\n`);
  };
  const report: Reporter = (event) => {
    const line = eventText(event);
    if (line !== undefined) say(line);
  };
  return { report, say, log: say, end: () => undefined };
}

const phaseWords: Readonly<Record<Phase, string>> = {
  release: 'checking Release files',
  indexes: 'reading package indexes',
  select: 'selecting packages',
  download: 'downloading packages',
  commit: 'saving the new state',
  render: 'writing indexes',
  sign: 'signing',
  flip: 'switching to the new tree',
  verify: 'verifying the published tree',
  clean: 'removing what is no longer needed',
};

/** A reason that begins with the URL it is about, said beside that URL. */
function withoutUrl({ url, reason }: { readonly url: string; readonly reason: string }): string {
  return reason.startsWith(`${url}: `) ? reason.slice(url.length + 2) : reason;
}

/** An event as one line for people; undefined for those that only move a bar. */
export function eventText(event: ProgressEvent): string | undefined {
  switch (event.type) {
    case 'phase':
      return `${event.subject}: ${phaseWords[event.phase]}`;
    case 'queue':
      return `Download queue: ${event.files} items (${formatBytes(event.bytes)})`;
    case 'fetch-start':
      return `Downloading: ${event.url}`;
    case 'retry':
      return `Retry ${event.attempt} in ${(event.waitMs / 1000).toFixed(1)} s: ${event.url} (${withoutUrl(event)})`;
    case 'next-url':
      return `Trying next: ${event.next} (${event.reason})`;
    case 'note':
      return event.message;
    case 'warning':
      return `warning: ${event.message}`;
    case 'fetch-progress':
    case 'fetch-end':
      return undefined;
  }
}

const redrawMs = 100;
const barWidth = 24;

/** One line that is drawn over itself; everything else scrolls above it. */
function bar(stream: Terminal): ProgressSink {
  const state = new BarState();
  let drawnAt = 0;
  const clear = (): void => {
    stream.write('\r\u001b[K');
  };
  const draw = (): void => {
    clear();
    stream.write(state.line().slice(0, (stream.columns ?? 80) - 1));
    drawnAt = Date.now();
  };
  const say = (line: string): void => {
    clear();
    stream.write(`${line}\n`);
  };
  const report: Reporter = (event) => {
    state.apply(event);
    if (event.type === 'warning' || event.type === 'note' || event.type === 'retry')
      say(eventText(event) ?? '');
    if (event.type === 'phase' || Date.now() - drawnAt >= redrawMs) draw();
  };
  return { report, say, log: say, end: clear };
}

class BarState {
  #phase = '';
  #files = 0;
  #bytes = 0;
  #filesDone = 0;
  #bytesDone = 0;
  #startedAt = Date.now();
  readonly #underWay = new Map<string, number>();

  apply(event: ProgressEvent): void {
    switch (event.type) {
      case 'phase':
        this.#phase = `${event.subject}: ${phaseWords[event.phase]}`;
        this.#files = 0;
        return;
      case 'queue':
        this.#files = event.files;
        this.#bytes = event.bytes;
        this.#filesDone = 0;
        this.#bytesDone = 0;
        this.#startedAt = Date.now();
        return;
      case 'fetch-start':
        this.#underWay.set(event.url, 0);
        return;
      case 'fetch-progress':
        this.#underWay.set(event.url, event.bytes);
        return;
      case 'fetch-end':
        this.#underWay.delete(event.url);
        this.#filesDone += 1;
        this.#bytesDone += event.bytes;
        return;
      case 'retry':
      case 'next-url':
      case 'note':
      case 'warning':
        return;
    }
  }

  line(): string {
    if (this.#files === 0) return this.#phase;
    const partial = [...this.#underWay.values()].reduce((sum, bytes) => sum + bytes, 0);
    const done = Math.min(this.#bytes, this.#bytesDone + partial);
    const filled = this.#bytes === 0 ? barWidth : Math.round((done / this.#bytes) * barWidth);
    const speed = done / Math.max(0.001, (Date.now() - this.#startedAt) / 1000);
    const picture = `[${'='.repeat(filled)}${' '.repeat(barWidth - filled)}]`;
    return `${this.#phase} ${picture} ${this.#filesDone}/${this.#files} files ${formatBytes(done)}/${formatBytes(this.#bytes)} ${formatBytes(Math.round(speed))}/s`;
  }
}
