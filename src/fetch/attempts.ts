import { EspejoError, invariant, isEspejoError } from '../core/errors.ts';
import type { Job } from '../core/progress.ts';
import { printable, redactUrl } from '../core/redact.ts';
import type { FileDeadline } from './file-deadline.ts';
import type { OriginHealth } from './origin-health.ts';
import { decide } from './retry-policy.ts';

export type AttemptOptions = {
  readonly retries: number;
  readonly random: () => number;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly health: OriginHealth;
  readonly deadline: FileDeadline;
  readonly now: () => number;
};

type FailedUrl = { readonly url: string; readonly error: EspejoError };

/** An error that no further attempt can mend: the caller's own. Never leaves this room. */
export class FinalError extends Error {
  constructor(error: unknown) {
    super('final', { cause: error });
  }
}

type Line = { readonly job: Job; readonly options: AttemptOptions };

/**
 * Runs `attempt` on one URL after the other, each as often as the retry policy says, until one succeeds or the time of the
 * file is over.
 */
export async function tryAll<Result>(
  urls: readonly string[],
  { job, options }: Line,
  attempt: (url: string) => Promise<Result>,
): Promise<Result> {
  invariant(urls.length > 0, 'a fetch has at least one URL');
  const failures: FailedUrl[] = [];
  const line = options.health.order(urls);
  for (const [position, url] of line.entries()) {
    const outcome = await tryOrigin(url, { job, options }, attempt);
    if (outcome.kind === 'done') return outcome.result;
    failures.push({ url: redactUrl(url), error: outcome.error });
    if (options.deadline.error !== undefined) break;
    const next = line[position + 1];
    if (next !== undefined) {
      const reason = printable(outcome.error.message);
      job.report({ type: 'next-url', url: redactUrl(url), next: redactUrl(next), reason });
    }
  }
  throw summary(failures);
}

type Outcome<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'failed'; readonly error: EspejoError };

/** {@link tryOne}, unless the origin is down; what comes of it is what is known of the origin. */
async function tryOrigin<Result>(
  url: string,
  { job, options }: Line,
  attempt: (url: string) => Promise<Result>,
): Promise<Outcome<Result>> {
  const { health, now } = options;
  const admission = health.admit(url);
  if (admission.kind === 'leave') return { kind: 'failed', error: admission.error };
  const since = now();
  const retries = admission.mayRetry ? options.retries : 0;
  const outcome = await tryOne(url, { job, options: { ...options, retries } }, attempt);
  if (outcome.kind === 'done') health.served(url);
  else health.failed(url, outcome.error, since);
  return outcome;
}

async function tryOne<Result>(
  url: string,
  { job, options }: Line,
  attempt: (url: string) => Promise<Result>,
): Promise<Outcome<Result>> {
  const { deadline, health, retries } = options;
  let mismatches = 0;
  for (let attempts = 1; ; attempts += 1) {
    try {
      return { kind: 'done', result: await attempt(url) };
    } catch (error) {
      if (deadline.error !== undefined) return { kind: 'failed', error: deadline.error };
      if (error instanceof FinalError) throw error.cause;
      if (isEspejoError(error, 'E_SIZE_MISMATCH', 'E_DIGEST_MISMATCH')) mismatches += 1;
      const random = options.random();
      const grant = (askedMs: number): number => health.grant(url, askedMs);
      const verdict = decide({ error, attempt: attempts, mismatches, retries, random, grant });
      if (verdict.kind === 'give-up' || !isEspejoError(error)) throw error;
      if (verdict.kind === 'next-url' || verdict.delayMs >= deadline.remainingMs)
        return { kind: 'failed', error };
      reportRetry(job, { url: redactUrl(url), attempt: attempts, waitMs: verdict.delayMs, error });
      await options.sleep(verdict.delayMs, job.signal);
    }
  }
}

function reportRetry(
  job: Job,
  { error, ...facts }: { url: string; attempt: number; waitMs: number; error: EspejoError },
): void {
  job.report({ type: 'retry', ...facts, reason: printable(error.message) });
}

/** "Not found" is the answer only when all candidates agree: a mirror that is down may well have the file. */
function summary(failures: readonly FailedUrl[]): EspejoError {
  const telling = failures.findLast(({ error }) => error.code !== 'E_FETCH_NOT_FOUND') ?? failures.at(-1);
  invariant(telling !== undefined, 'a fetch that failed has a failure');
  const { error } = telling;
  return new EspejoError(error.code, error.message, {
    cause: error,
    context: {
      ...error.context,
      attempts: failures.map((failure) => ({
        url: failure.url,
        code: failure.error.code,
        message: failure.error.message,
      })),
    },
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}
