import type { Flag } from '../../../src/cli/command.ts';
import { errorCodes } from '../../../src/core/error-codes.ts';
import { type CommandLine, commandLines, everywhere } from './command-lines.ts';

/** data/espejo.1 */
export function manPage(): string {
  const [program, ...lines] = commandLines();
  const summary = program?.node.summary ?? '';
  return `${[
    `.\\" Generated from the command table.`,
    '.TH ESPEJO 1 "" espejo "User Commands"',
    '.SH NAME',
    `espejo \\- ${text(summary.charAt(0).toLowerCase() + summary.slice(1).replace(/\.$/, ''))}`,
    '.SH SYNOPSIS',
    '.B espejo',
    '[\\fIflags\\fR] \\fIcommand\\fR [\\fIsubcommand\\fR] [\\fIflags\\fR] [\\fIarguments\\fR]',
    '.SH DESCRIPTION',
    text(
      'Every command of aptly 1.6 works as there, on the same configuration and directories; beside them are',
    ),
    text('commands that keep mirrors of a configuration file up to date, publish, verify and serve them.'),
    'Flags have one dash or two and may stand at any level of the command up to its first argument.',
    ...section('Global flags', flagItems(everywhere)),
    '.SH COMMANDS',
    ...lines.flatMap(command),
    '.SH EXIT STATUS',
    ...item('0', 'success'),
    ...item(
      '1',
      `a failure, told on standard error as ERROR: and its reason (${Object.keys(errorCodes).length} codes: espejo help errors)`,
    ),
    ...item('2', 'a wrong command line'),
    '.SH FILES',
    ...item(
      './espejo.yaml, ~/.espejo.yaml, /etc/espejo.yaml',
      'configuration of espejo; the first that is found',
    ),
    ...item(
      '~/.aptly.conf, /usr/local/etc/aptly.conf, /etc/aptly.conf',
      'configuration of aptly, when there is none of these',
    ),
    '.SH SEE ALSO',
    '.BR apt\\-get (8),',
    '.BR sources.list (5),',
    '.BR gpg (1)',
  ].join('\n')}\n`;
}

function command({ words, leaf, flags }: CommandLine): readonly string[] {
  if (leaf === undefined) return [];
  const usage = [words, leaf.usage].filter((part) => part !== '').join(' ');
  return [
    `.SS "${text(words)}"`,
    `.B ${text(usage)}`,
    '.PP',
    ...paragraphs(leaf.description),
    ...flagItems(flags),
  ];
}

/** Paragraphs as they are; lines that are indented are examples. */
function paragraphs(description: string): readonly string[] {
  return description.split(/\n{2,}/).flatMap((paragraph) => {
    const lines = paragraph.split('\n');
    if (lines.every((line) => line.startsWith('  '))) return ['.PP', '.nf', ...lines.map(text), '.fi'];
    return ['.PP', ...lines.map(text)];
  });
}

function flagItems(flags: readonly Flag[]): readonly string[] {
  return flags.flatMap(({ name, kind, value, help }) => {
    const sign = kind === 'bool' ? '' : `=\\fI${text((value ?? kindWords[kind]).toLowerCase())}\\fR`;
    return ['.TP', `\\fB${text(`-${name}`)}\\fR${sign}`, text(help)];
  });
}

const kindWords = { bool: '', string: 'text', list: 'text', int: 'number', duration: 'time' } as const;

function section(title: string, lines: readonly string[]): readonly string[] {
  return [`.SH ${title.toUpperCase()}`, ...lines];
}

function item(name: string, meaning: string): readonly string[] {
  return ['.TP', `.B ${text(name)}`, text(meaning)];
}

/** Plain text for roff: no line of it is a request, dashes are those of the keyboard. */
function text(plain: string): string {
  const safe = plain
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('"', '\\(dq')
    .replaceAll('’', '\\(cq');
  return /^[.']/.test(safe) ? `\\&${safe}` : safe;
}
