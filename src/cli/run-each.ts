import { EspejoError, isEspejoError } from '../core/errors.ts';

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

/**
 * Faults with all unknown packages of a configuration in one: whoever corrects a list of packages corrects all of it. The
 * others stay as they are.
 */
export function together(faults: readonly EspejoError[]): readonly EspejoError[] {
  const unknown = faults.filter((error) => isEspejoError(error, 'E_PACKAGE_UNKNOWN'));
  const [first] = unknown;
  if (first === undefined || unknown.length === 1) return faults;
  const problems = unknown.flatMap(({ context, message }) =>
    Array.isArray(context['problems']) ? context['problems'].map(String) : [message],
  );
  const message = `${problems.length} packages of the configuration exist nowhere as they are written`;
  const hint = first.hint === undefined ? {} : { hint: first.hint };
  const one = new EspejoError(first.code, message, {
    cause: first,
    context: { problems },
    details: problems,
    ...hint,
  });
  return [one, ...faults.filter((error) => !unknown.includes(error))];
}
