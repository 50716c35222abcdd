import { packageLabel } from '../../aptly/package-text.ts';
import type { EspejoConfig } from '../../config/config.ts';
import { EspejoError } from '../../core/errors.ts';
import { compileTemplate } from '../../go/go-template.ts';
import { templateFields } from '../../go/template-fields.ts';
import type { Job } from '../../packages/events.ts';
import { filterSet } from '../../packages/filter.ts';
import type { Member } from '../../packages/member.ts';
import { imageSums, packageParagraph } from '../../packages/package-paragraph.ts';
import type { PackageSet } from '../../packages/package-set.ts';
import { type FlagValues, type Invocation, stringFlag } from '../command.ts';
import { dependenciesIn } from './dependency-flags.ts';
import { readQuery } from './query-argument.ts';
import { unable } from './unable.ts';

type Context = {
  readonly invocation: Invocation;
  readonly config: Pick<EspejoConfig, 'aptly'>;
  readonly report: Job['report'];
};

/**
 * What `mirror search`, `repo search` and `snapshot search` print: the packages of a set that a query selects, all of
 * them without one.
 * @throws E_OBJECT_NOT_FOUND when there are none; E_QUERY_SYNTAX, E_TEMPLATE_SYNTAX, E_NO_ARCHITECTURES
 */
export async function searchLines(
  set: PackageSet,
  word: string | undefined,
  { invocation, config, report }: Context,
): Promise<readonly string[]> {
  const queries =
    word === undefined ? undefined : [await unable('unable to search', () => readQuery(word, invocation))];
  const dependencies = dependenciesIn(set, { flags: invocation.flags, config, report });
  const found = queries === undefined ? set : filterSet(set, queries, dependencies);
  return foundLines(found.listed, invocation.flags);
}

/**
 * One line a package: its label, or the template of `-format` filled in.
 * @throws E_OBJECT_NOT_FOUND for no packages, E_TEMPLATE_SYNTAX
 */
export function foundLines(members: readonly Member[], flags: FlagValues): readonly string[] {
  if (members.length === 0) throw new EspejoError('E_OBJECT_NOT_FOUND', 'no results');
  const format = stringFlag(flags, 'format') ?? '';
  if (format === '') return members.map((member) => packageLabel(member.package));
  const template = compileTemplate(format);
  return members.flatMap((member) =>
    template(templateFields(packageParagraph(member), member.key, imageSums(member))).split('\n'),
  );
}
