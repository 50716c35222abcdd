import { about } from '../../core/errors.ts';

/** Puts what could not be done in front of the reason, as aptly words it: `unable to <verb>: <reason>`. */
export async function unable<Result>(what: string, work: () => Promise<Result> | Result): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw about(what, error);
  }
}
