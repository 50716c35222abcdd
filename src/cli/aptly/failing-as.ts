import { about, isEspejoError } from '../../core/errors.ts';

/** Does some work; what fails reads `<action>: <reason>`, as scripts expect it of aptly (cli.md 14). */
export async function failingAs<Result>(action: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw isEspejoError(error, 'E_ABORTED', 'E_LOCKED') ? error : about(action, error);
  }
}
