import { about, isEspejoError, type Stage } from '../../core/errors.ts';

/** How aptly words what could not be done at a stage; errors of other stages, and of none, are told without such words. */
export type StageWords = Readonly<Partial<Record<Stage, string>>>;

/**
 * Puts what could not be done in front of the reason, as aptly words it: `unable to <verb>: <reason>`.
 * @param words for all errors, or by the stage that an error says
 */
export async function unable<Result>(
  words: string | StageWords,
  work: () => Promise<Result> | Result,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const what = typeof words === 'string' ? words : wordsFor(error, words);
    throw what === undefined ? error : about(what, error);
  }
}

function wordsFor(error: unknown, words: StageWords): string | undefined {
  return isEspejoError(error) && error.stage !== undefined ? words[error.stage] : undefined;
}
