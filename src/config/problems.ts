import { EspejoError } from '../core/errors.ts';

/** One thing that is wrong in a configuration file. */
export type Problem = {
  readonly line: number;
  /** The key as the user wrote it: `mirrors.ubuntu.suites[1].name`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  readonly hint?: string;
};

/** The path of a value: keys by their canonical names, and positions in lists. */
export type KeyPath = readonly (string | number)[];

export type Report = (path: KeyPath, message: string, hint?: string) => void;

/** The E_CONFIG_INVALID error of a file; `context.problems` lists them all in the order of the lines. */
export function configError(file: string, problems: readonly Problem[]): EspejoError {
  const ordered = problems.toSorted((a, b) => a.line - b.line);
  const [first] = ordered;
  const others = ordered.length - 1;
  const more = others > 0 ? ` (and ${others} more ${others === 1 ? 'problem' : 'problems'})` : '';
  const key = first?.path ? `${first.path}: ` : '';
  const hint = first?.hint;
  return new EspejoError('E_CONFIG_INVALID', `${file}:${first?.line ?? 1}: ${key}${first?.message}${more}`, {
    context: {
      path: file,
      problems: ordered.map(({ line, path, message }) => ({ line, path, message })),
    },
    ...(hint === undefined ? {} : { hint }),
  });
}

/** What was passed over, as one line. */
export function noticeLine(file: string, { line, path, message }: Problem): string {
  return `warning: ${file}:${line}: ${path}: ${message}`;
}
