import { EspejoError } from '../../../core/errors.ts';

/** The error of a database that is not what LevelDB writes. @param what names the file */
export function damaged(what: string, problem: string, cause?: unknown): EspejoError {
  return new EspejoError('E_CATALOG', `${what}: ${problem}`, {
    cause,
    context: { what },
    hint: 'the database may be damaged; stop aptly and run "aptly db recover" on a copy of it',
  });
}
