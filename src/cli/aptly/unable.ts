import { about, EspejoError, isEspejoError, type Stage } from '../../core/errors.ts';
import { type UserOfObject, usersOf } from '../../packages/in-use.ts';
import type { Invocation } from '../command.ts';

/** How aptly words what could not be done at a stage; errors of other stages, and of none, are told without such words. */
export type StageWords = Readonly<Partial<Record<Stage, string>>>;

/**
 * Puts what could not be done in front of the reason, as aptly words it: `unable to <verb>: <reason>`. aptly says one thing
 * without such words: that it knows no architectures, unless it is publishing.
 * @param words for all errors, or by the stage that an error says
 */
export async function unable<Result>(
  words: string | StageWords,
  work: () => Promise<Result> | Result,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (isEspejoError(error, 'E_NO_ARCHITECTURES') && error.stage !== 'publish') throw error;
    const what = typeof words === 'string' ? words : wordsFor(error, words);
    throw what === undefined ? error : about(what, error);
  }
}

function wordsFor(error: unknown, words: StageWords): string | undefined {
  return isEspejoError(error) && error.stage !== undefined ? words[error.stage] : undefined;
}

/** How aptly tells who is in the way of a drop: a title above their list, and the error. */
export type DropWords = Readonly<
  Partial<Record<UserOfObject['kind'], { readonly title: string; readonly refusal: string }>>
>;

/** {@link unable} to drop an object; who is in the way is printed before the error. */
export async function dropping(
  { print }: Pick<Invocation, 'print'>,
  words: DropWords,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const users = usersOf(error) ?? [];
    const said = words[users[0]?.kind ?? 'publication'];
    if (!isEspejoError(error) || users.length === 0 || said === undefined)
      throw about('unable to drop', error);
    print([said.title, ...users.map(({ text }) => ` * ${text}`), ''].join('\n'));
    throw new EspejoError(error.code, said.refusal, { cause: error, context: error.context });
  }
}
