import { formatBytes } from '../core/units.ts';
import type { ProgressState } from './progress-state.ts';

const widestBar = 24;
const narrowestBar = 8;

/**
 * One line of at most `width` characters: phase, bar, percent, files, bytes, rate and time left. Where that is too long, the
 * bar goes first, then bytes, the phase, its subject and the files; percent, rate and time left stay to the end.
 */
export function progressLine(state: ProgressState, width: number): string {
  const { phase } = state;
  const subject = phase === undefined ? '' : `${phase.subject}: `;
  const whole = phase === undefined ? '' : `${subject}${phase.words}`;
  const facts = state.isQueue ? queueFacts(state) : readingFacts(state);
  if (facts === undefined) return shortened(whole, width);
  const { percent, files, bytes, speed, fraction } = facts;
  const joined = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(', ');
  const head = (words: string): string => (words === '' ? '' : `${words.trimEnd()} `);
  const candidates = [
    `${head(whole)}${joined(percent, files, bytes, speed)}`,
    `${head(whole)}${joined(percent, files, speed)}`,
    `${head(subject)}${joined(percent, files, speed)}`,
    joined(percent, files, speed),
    joined(percent, speed),
    percent === '' ? files : percent,
  ];
  const [fitting = shortened(whole, width)] = candidates.filter((line) => line.length <= width);
  const room = Math.min(widestBar, width - fitting.length - 3);
  if (fraction === undefined || room < narrowestBar) return fitting;
  const at = fitting.indexOf(percent);
  return `${fitting.slice(0, at)}${picture(fraction, room)} ${fitting.slice(at)}`;
}

type Facts = {
  readonly percent: string;
  readonly files: string;
  readonly bytes: string;
  readonly speed: string;
  /** 0 to 1, where the end is known. */
  readonly fraction?: number;
};

function queueFacts(state: ProgressState): Facts {
  const { files, bytes, rate } = state;
  const all = bytes.all ?? 0;
  const fraction = all === 0 ? files.done / (files.all ?? 1) : bytes.done / all;
  return {
    percent: `${Math.floor(fraction * 100)}%`,
    files: `${files.done}/${files.all} files`,
    bytes: `${formatBytes(bytes.done)} of ${formatBytes(all)}`,
    speed: rate === undefined ? '' : `${speedOf(rate)}${timeLeft(all - bytes.done, rate)}`,
    fraction,
  };
}

/** Of files whose number nobody knows before they are read. */
function readingFacts({ files, bytes, rate }: ProgressState): Facts | undefined {
  if (bytes.done === 0 && files.done === 0) return undefined;
  return {
    percent: '',
    files: `${files.done} ${files.done === 1 ? 'file' : 'files'}`,
    bytes: formatBytes(bytes.done),
    speed: rate === undefined ? '' : speedOf(rate),
  };
}

function speedOf(rate: number): string {
  return `${formatBytes(Math.round(rate))}/s`;
}

function timeLeft(bytes: number, rate: number): string {
  if (bytes <= 0) return '';
  if (rate < 1) return ', stalled';
  const seconds = Math.ceil(bytes / rate);
  if (seconds < 100) return `, ${seconds} s left`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 100 ? `, ${minutes} min left` : `, ${Math.ceil(minutes / 60)} h left`;
}

function picture(fraction: number, width: number): string {
  const filled = Math.round(fraction * width);
  return `[${'='.repeat(filled)}${' '.repeat(width - filled)}]`;
}

function shortened(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
