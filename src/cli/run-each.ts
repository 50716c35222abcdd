import { type EspejoError, isEspejoError } from '../core/errors.ts';

/**
 * Does a piece of work for each name. One that fails does not stop the others, as one broken upstream must not hold
 * back the fixes of another; a stop and a fault of espejo itself do.
 */
export async function runEach<Result>(
  names: readonly string[],
  signal: AbortSignal,
  work: (name: string) => Promise<readonly Result[]>,
): Promise<{ readonly results: readonly Result[]; readonly faults: readonly EspejoError[] }> {
  const results: Result[] = [];
  const faults: EspejoError[] = [];
  for (const name of names) {
    try {
      results.push(...(await work(name)));
    } catch (error) {
      if (!isEspejoError(error) || signal.aborted) throw error;
      faults.push(error);
    }
  }
  return { results, faults };
}
