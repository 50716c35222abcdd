import { type Logger, pino } from 'pino';
import type { AptlyConfig } from '../config/aptly-schema.ts';
import type { Journal, JournalFacts } from '../core/journal.ts';
import type { ProgressEvent, Reporter } from '../core/progress.ts';
import { boolFlag, type Invocation, stringFlag } from './command.ts';
import { eventText } from './event-text.ts';

/** aptly's names of levels (spec/config.md 2), and what they are here. */
const levels: Readonly<Record<string, string>> = {
  trace: 'trace',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  fatal: 'fatal',
  panic: 'fatal',
  disabled: 'silent',
};

export type OpenJournal = {
  readonly journal: Journal;
  /** What a round reports while it works. */
  readonly report: Reporter;
  /** Takes the level of a configuration that was read again. */
  readonly follow: (config: LogSettings) => void;
  /** Whether its lines are for a person. */
  readonly forPeople: boolean;
};

type LogSettings = Pick<AptlyConfig, 'logFormat' | 'logLevel'>;

/**
 * The one form in which `serve` and `daemon` tell what they do, on standard error: lines for people on a terminal, else,
 * and with `log_format: json`, one JSON object a line with its time in ISO 8601. `-log-level` wins over `log_level`.
 */
export function openJournal(invocation: Invocation, settings: LogSettings): OpenJournal {
  const forPeople = invocation.terminal && settings.logFormat !== 'json';
  const write = forPeople ? (line: string): void => invocation.log(lineForPeople(line)) : invocation.log;
  const logger = pino(
    {
      base: null,
      level: levelOf(invocation, settings),
      messageKey: 'message',
      errorKey: 'err',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (line) => write(line.trimEnd()) },
  );
  const journal = journalOver(logger, forPeople);
  return {
    journal,
    report: (event) => tellEvent(journal, event, forPeople ? invocation.report : undefined),
    follow: (changed) => {
      logger.level = levelOf(invocation, changed);
    },
    forPeople,
  };
}

/** As with aptly, a level that it does not know is `debug`. */
function levelOf({ flags }: Invocation, { logLevel }: LogSettings): string {
  if (boolFlag(flags, 'quiet')) return 'warn';
  return levels[(stringFlag(flags, 'log-level') ?? logLevel).toLowerCase()] ?? 'debug';
}

function journalOver(logger: Logger, forPeople: boolean): Journal {
  const teller =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (event: string, message: string, facts: JournalFacts = {}): void =>
      logger[level]({ event, ...facts }, message);
  return {
    debug: teller('debug'),
    info: teller('info'),
    warn: teller('warn'),
    error: teller('error'),
    request: (facts) => {
      if (!forPeople) logger.info({ event: 'request', ...facts }, 'request');
    },
  };
}

/** Warnings and retries are lines; the rest moves the bar of a terminal, or is told to who wants it all. */
function tellEvent(journal: Journal, event: ProgressEvent, bar: Reporter | undefined): void {
  const text = eventText(event);
  if (event.type === 'warning') journal.warn('warning', event.message);
  else if (event.type === 'retry' || event.type === 'next-url') journal.warn(event.type, text ?? '', event);
  else if (event.type === 'note') journal.info('note', event.message);
  else {
    bar?.(event);
    if (text !== undefined && bar === undefined) journal.debug(event.type, text, event);
  }
}

type Entry = {
  readonly level: string;
  readonly time: string;
  readonly message: string;
  readonly err?: unknown;
};

function lineForPeople(json: string): string {
  const { level, time, message, err } = JSON.parse(json) as Entry;
  const date = new Date(time);
  const two = (number: number): string => String(number).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  const mark = { warn: 'warning: ', error: 'ERROR: ', fatal: 'ERROR: ' }[level] ?? '';
  const stack = level === 'error' && hasStack(err) ? `\n${err.stack}` : '';
  return `${day} ${clock} ${mark}${message}${stack}`;
}

function hasStack(value: unknown): value is { readonly stack: string } {
  return typeof value === 'object' && value !== null && 'stack' in value && typeof value.stack === 'string';
}
