import { EspejoError } from '../../core/errors.ts';
import type { FoundPackage, PackageSearch } from '../../packages/packages.ts';
import { type Handler, type Invocation, stringFlag } from '../command.ts';
import { withApp } from '../session.ts';
import { dependenciesOf } from './dependency-flags.ts';
import { readQueryText } from './query-argument.ts';
import { unable } from './unable.ts';

/** The handler of `mirror search`, `repo search` and `snapshot search`. */
export function searchIn(kind: NonNullable<PackageSearch['of']>['kind']): Handler {
  return async (invocation) => {
    const [name = '', word] = invocation.args;
    const dependencies = dependenciesOf(invocation.flags);
    return { lines: await foundLines(invocation, word, { of: { kind, name }, ...dependencies }) };
  };
}

/**
 * One line a package: its label, or the template of `-format` filled in.
 * @throws E_OBJECT_NOT_FOUND when there are none; what `searchPackages` throws
 */
export async function foundLines(
  invocation: Invocation,
  word: string | undefined,
  search: PackageSearch,
): Promise<readonly string[]> {
  const format = stringFlag(invocation.flags, 'format') ?? '';
  const { searchPackages } = await import('../../packages/packages.ts');
  const found = await withApp(invocation, (app, job) =>
    unable({ find: 'unable to search', read: 'unable to search' }, async () => {
      const asked = word === undefined ? {} : { query: await readQueryText(word, invocation) };
      const filled = format === '' ? {} : { format };
      return await searchPackages(app, { ...search, ...asked, ...filled }, job);
    }),
  );
  if (found.length === 0) throw new EspejoError('E_OBJECT_NOT_FOUND', 'no results');
  return found.flatMap(linesOf);
}

function linesOf({ label, text }: FoundPackage): readonly string[] {
  return text === undefined ? [label] : text.split('\n');
}
