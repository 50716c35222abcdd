import { findObject } from '../../../catalog/find-object.ts';
import { EspejoError, isEspejoError } from '../../../core/errors.ts';
import { chooseArchitectures } from '../../../packages/architectures.ts';
import type { PackageSet } from '../../../packages/package-set.ts';
import { loadPackageSet } from '../../../packages/package-sets.ts';
import { type Dependency, printDependency } from '../../../packages/satisfaction.ts';
import { type VerifyOptions, verifySet } from '../../../packages/verify.ts';
import type { Handler } from '../../command.ts';
import { withApp } from '../../session.ts';
import { architecturesOf, followOf, isVerbose } from '../dependency-flags.ts';
import { printLines } from '../snapshot-lines.ts';
import { unable } from '../unable.ts';

export const run: Handler = async (invocation) => {
  const { args, flags } = invocation;
  return await withApp(invocation, async (app) => {
    const [snapshot, ...further] = await unable('unable to verify', async () => {
      const found = [];
      for (const name of args) found.push(await findObject(app, 'snapshot', name));
      return found;
    });
    printLines(invocation, ['Loading packages...']);
    const set = await loadPackageSet(app, snapshot?.list ?? null);
    const others: PackageSet[] = [];
    for (const { list } of further) others.push(await loadPackageSet(app, list));
    const architectures = chooseArchitectures(architecturesOf(flags, app.config), set, { source: true });
    const missing = verify(set, others, { architectures, follow: followOf(flags, app.config) });
    printLines(invocation, ['Verifying...']);
    const texts = missing.map(printDependency);
    const steps = isVerbose(flags, app.config) ? [`Missing dependencies: ${texts.join(', ')}`] : [];
    if (missing.length === 0) return { lines: [...steps, 'All dependencies are satisfied.'] };
    return {
      lines: [...steps, `Missing dependencies (${missing.length}):`, ...texts.map((text) => `  ${text}`)],
    };
  });
};

function verify(
  set: PackageSet,
  others: readonly PackageSet[],
  options: VerifyOptions,
): readonly Dependency[] {
  try {
    return verifySet(set, others, options);
  } catch (error) {
    if (!isEspejoError(error, 'E_PACKAGE_CONFLICT')) throw error;
    const { context } = error;
    throw new EspejoError(
      'E_PACKAGE_CONFLICT',
      `unable to merge sources: conflict in package ${String(context['package'])}`,
      { cause: error, context },
    );
  }
}
