import { aptlyProgram } from '../aptly.ts';
import { newWords } from './new-words.ts';
import type { Ran } from './shell.ts';

/** What is compared of a run. */
export type Answer = {
  readonly exit: number | null;
  readonly stdout: readonly string[];
  readonly error: string;
};

/** What is the same in both programs whatever the directory, the time and the port. */
export type Surroundings = { readonly cwd: string; readonly url: string };

export function answerOf(ran: Ran, surroundings: Surroundings): Answer {
  const error = errorOf(normalised(ran.stderr, surroundings));
  const lines = normalised(ran.stdout, surroundings).split('\n');
  return { exit: ran.exit, stdout: comparableLines(lines, error), error };
}

/**
 * Packages are moved in no specified order, so a failure may come early or late; and espejo judges queries before it
 * says anything.
 */
function comparableLines(lines: readonly string[], error: string): readonly string[] {
  if (error.includes('parsing failed')) return [];
  if (error !== '') return lines.filter((line) => line !== '' && !isTransfer(line));
  return lines.some(isTransfer) ? lines.toSorted() : lines;
}

function isTransfer(line: string): boolean {
  return line.startsWith('[o] ');
}

/** The part of standard error that scripts read; what stands before it is chatter, the words of the usage are the program's own. */
function errorOf(stderr: string): string {
  const at = stderr.search(/^ERROR: /m);
  return at < 0 ? '' : stderr.slice(at).trimEnd();
}

/** Without directories, ports, times and identities; both programs have one name, and 1.5 speaks as 1.6. */
export function normalised(text: string, { cwd, url }: Surroundings): string {
  const everywhere = text.replaceAll(aptlyProgram ?? 'aptly', 'aptly').replaceAll(cwd, '<cwd>');
  const placed = url === '' ? everywhere : everywhere.replaceAll(url, '<url>/');
  return newWords(placed)
    .replaceAll(/\baptly\b/g, 'espejo')
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uuid>')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, '<time>')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, (time) =>
      time.startsWith('0001-') ? time : '<time>',
    )
    .replaceAll(
      /^\[!\] (Unable to (read|import) file|Empty (package name|version|architecture) on) .*$/gm,
      '[!] Unable to take a file',
    )
    .replaceAll(
      /(verification of clearsigned file failed|failed to verify signature): .*/g,
      'signature refused',
    )
    .replaceAll(/^openpgp: .*\n/gm, '')
    .replaceAll(/(parsing failed): .*/g, '$1')
    .replaceAll(/PID \d+/g, 'PID <n>');
}

/** Of a help or usage text: the names of its flags, without those that espejo or 1.6.3 has more. */
export function usageOf(answer: Answer): Answer {
  const flags = answer.stdout.flatMap((line) => /^ {2}-([\w-]+)(?:=[^:]*)?:/.exec(line)?.[1] ?? []);
  return { ...answer, stdout: flags.filter((flag) => !newFlags.has(flag)).toSorted() };
}

const newFlags: ReadonlySet<string> = new Set([
  'codename',
  'debug',
  'latest',
  'lock-wait',
  'multi-dist',
  'quiet',
  'signed-by',
  'version',
  'with-appstream',
]);
