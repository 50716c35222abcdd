import { EspejoError } from '../core/errors.ts';

/** One thing that is wrong in a configuration file. */
export type Problem = {
  readonly line: number;
  /** The key as the user wrote it: `mirrors.ubuntu.suites[1].name`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  readonly hint?: string;
  /** A key that nobody knows; often the reason for the other problems. */
  readonly unknown?: true;
};

/** The path of a value: keys by their canonical names, and positions in lists. */
export type KeyPath = readonly (string | number)[];

export type Report = (path: KeyPath, message: string, hint?: string) => void;

/**
 * The E_CONFIG_INVALID error of a file. Its message has the first problem and its details the others, `context.problems` them
 * all: unknown keys first, since they are often the cause of the rest, then in the order of the lines.
 */
export function configError(file: string, problems: readonly Problem[]): EspejoError {
  const ordered = inOrder(problems);
  const [first] = ordered;
  const others = ordered.length - 1;
  const more = others > 0 ? ` (and ${others} more ${others === 1 ? 'problem' : 'problems'})` : '';
  const hint = first?.hint;
  return new EspejoError('E_CONFIG_INVALID', `${first === undefined ? file : lineOf(file, first)}${more}`, {
    context: {
      path: file,
      problems: ordered.map(({ line, path, message }) => ({ line, path, message })),
    },
    details: ordered.slice(1).map((problem) => lineOf(file, problem)),
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Unknown keys first, each part in the order of the lines. */
export function inOrder(problems: readonly Problem[]): readonly Problem[] {
  const rank = ({ unknown }: Problem): number => (unknown === true ? 0 : 1);
  return problems.toSorted((a, b) => rank(a) - rank(b) || a.line - b.line);
}

function lineOf(file: string, { line, path, message }: Problem): string {
  return `${file}:${line}: ${path === '' ? '' : `${path}: `}${message}`;
}

/** What is no error, as one line. */
export function noticeLine(file: string, problem: Problem): string {
  return `warning: ${lineOf(file, problem)}`;
}
