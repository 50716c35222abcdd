import { constants } from 'node:os';
import type { ErrorCode } from './error-codes.ts';
import { printable } from './redact.ts';

/** What a use-case was about when it failed, for those who put it into words; the rooms that need one more add it. */
export type Stage =
  /** Looking up what the request names. */
  | 'find'
  /** Reading what the request gives: a query, a template, settings. */
  | 'read'
  /** Loading what was found. */
  | 'load'
  /** Putting packages together. */
  | 'merge'
  | 'fetch'
  | 'verify'
  | 'sign'
  | 'save'
  | 'publish'
  /** Giving package files their published names. */
  | 'link'
  | 'clean'
  | 'import';

type ErrorOptions = {
  readonly cause?: unknown;
  /** Facts for logs and the API: plain values, no secrets. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** What the user can do about it: one short clause. */
  readonly hint?: string;
  /** What went wrong one by one, where it is several things: a line each. */
  readonly details?: readonly string[];
  readonly stage?: Stage | undefined;
};

/**
 * The one error of espejo: what is wrong, in one line that names the file, field or URL. Bugs throw plain
 * `Error` through {@link invariant}. Control characters are taken out of the message, because it may quote upstream text.
 */
export class EspejoError extends Error {
  override readonly name = 'EspejoError';
  readonly code: ErrorCode;
  readonly context: Readonly<Record<string, unknown>>;
  readonly hint: string | undefined;
  readonly details: readonly string[];
  readonly stage: Stage | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(printable(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.context = options.context ?? {};
    this.hint = options.hint === undefined ? undefined : printable(options.hint);
    this.details = (options.details ?? []).map(printable);
    this.stage = options.stage;
  }
}

/** Whether `error` is an {@link EspejoError}, and of one of `codes` when any are given. */
export function isEspejoError(error: unknown, ...codes: readonly ErrorCode[]): error is EspejoError {
  return error instanceof EspejoError && (codes.length === 0 || codes.includes(error.code));
}

/** The same error with its subject (a URL, a file) in front of the message; other values come back as they are. */
export function about(subject: string, error: unknown): unknown {
  return error instanceof EspejoError ? again(error, { message: `${subject}: ${error.message}` }) : error;
}

/**
 * Runs a part of a use-case; what it throws says of which stage it is, unless a stage within it said so before, or it was
 * stopped, which is of no stage.
 * @throws what `work` throws
 */
export async function inStage<Result>(stage: Stage, work: () => Promise<Result> | Result): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const isOfNone = error instanceof EspejoError && error.stage === undefined && error.code !== 'E_ABORTED';
    throw isOfNone ? again(error, { stage }) : error;
  }
}

function again(
  error: EspejoError,
  changes: { readonly message?: string; readonly stage?: Stage },
): EspejoError {
  const { code, context, hint, details } = error;
  return new EspejoError(code, changes.message ?? error.message, {
    cause: error,
    context,
    details,
    stage: changes.stage ?? error.stage,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** The `code` property of a Node.js system error (`ENOENT`, `ECONNRESET`), or undefined. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  if (typeof error.code !== 'string') return undefined;
  return error.code.startsWith('Unknown system error') ? nameOf(error) : error.code;
}

/** Node has no names for some errors of the system, a full quota among them. */
function nameOf(error: Error): string {
  const number = 'errno' in error ? Math.abs(Number(error.errno)) : 0;
  return Object.entries(constants.errno).find(([, one]) => one === number)?.[0] ?? `E${number}`;
}

/** Throws a plain `Error` when a condition that only a bug can break does not hold. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${message}`);
}
