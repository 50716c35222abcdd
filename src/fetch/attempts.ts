import { EspejoError, invariant, isEspejoError } from '../core/errors.ts';
import type { Job } from '../core/progress.ts';
import { printable, redactUrl } from '../core/redact.ts';
import type { OriginHealth } from './origin-health.ts';
import { decide } from './retry-policy.ts';

export type AttemptOptions = {
  readonly retries: number;
  readonly random: () => number;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly health: OriginHealth;
};

type FailedUrl = { readonly url: string; readonly error: EspejoError };

/** An error that no further attempt can mend: the caller's own. Never leaves this room. */
export class FinalError extends Error {
  constructor(error: unknown) {
    super('final', { cause: error });
  }
}

/** Runs `attempt` on one URL after the other, each as often as the retry policy says, until one succeeds. */
export async function tryAll<Result>(
  urls: readonly string[],
  { job, options }: { readonly job: Job; readonly options: AttemptOptions },
  attempt: (url: string) => Promise<Result>,
): Promise<Result> {
  invariant(urls.length > 0, 'a fetch has at least one URL');
  const failures: FailedUrl[] = [];
  const line = options.health.order(urls);
  for (const [position, url] of line.entries()) {
    const outcome = await tryOne(url, { job, options }, attempt);
    if (outcome.kind === 'done') {
      options.health.reached(url);
      return outcome.result;
    }
    if (isEspejoError(outcome.error, 'E_FETCH_NETWORK', 'E_FETCH_TIMEOUT')) options.health.unreachable(url);
    failures.push({ url: redactUrl(url), error: outcome.error });
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

async function tryOne<Result>(
  url: string,
  { job, options }: { readonly job: Job; readonly options: AttemptOptions },
  attempt: (url: string) => Promise<Result>,
): Promise<Outcome<Result>> {
  let mismatches = 0;
  for (let attempts = 1; ; attempts += 1) {
    try {
      return { kind: 'done', result: await attempt(url) };
    } catch (error) {
      if (error instanceof FinalError) throw error.cause;
      if (isEspejoError(error, 'E_SIZE_MISMATCH', 'E_DIGEST_MISMATCH')) mismatches += 1;
      const random = options.random();
      const verdict = decide({ error, attempt: attempts, mismatches, retries: options.retries, random });
      if (verdict.kind === 'give-up' || !isEspejoError(error)) throw error;
      if (verdict.kind === 'next-url') return { kind: 'failed', error };
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
