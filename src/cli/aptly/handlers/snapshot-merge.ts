import type { App } from '../../../app/app.ts';
import { findObject } from '../../../catalog/find-object.ts';
import type { SnapshotObject } from '../../../catalog/library.ts';
import type { CompatibilityConfig } from '../../../config/config.ts';
import { EspejoError } from '../../../core/errors.ts';
import { type MergeOptions, mergeSets } from '../../../packages/merge.ts';
import type { PackageSet } from '../../../packages/package-set.ts';
import { loadPackageSet } from '../../../packages/package-sets.ts';
import { addSnapshot, derivedDraft, uniteAppStreamFiles } from '../../../snapshot/snapshots.ts';
import { boolFlag, type FlagValues, type Handler } from '../../command.ts';
import { withApp } from '../../session.ts';
import { snapshotMadeLines } from '../snapshot-lines.ts';
import { unable } from '../unable.ts';

export const run: Handler = async (invocation) => {
  const [name = '', ...names] = invocation.args;
  await withApp(invocation, async (app, { signal }) => {
    const sources = await unable('unable to load snapshot', () => findAll(app, names));
    const options = mergeOptions(invocation.flags, app.config.compatibility);
    const sets: PackageSet[] = [];
    for (const { list } of sources) sets.push(await loadPackageSet(app, list));
    const description = `Merged from sources: ${sources.map((source) => `'${source.name}'`).join(', ')}`;
    const draft = {
      ...derivedDraft(name, description, sources),
      appStreamFiles: uniteAppStreamFiles(sources),
    };
    const packages = mergeSets(sets, options);
    await unable('unable to create snapshot', () => addSnapshot(app, draft, { packages, signal }));
  });
  return { lines: snapshotMadeLines(invocation, name) };
};

async function findAll(app: App, names: readonly string[]): Promise<readonly SnapshotObject[]> {
  const found: SnapshotObject[] = [];
  for (const name of names) found.push(await findObject(app, 'snapshot', name));
  return found;
}

function mergeOptions(flags: FlagValues, { mergeTail }: CompatibilityConfig): MergeOptions {
  const latest = boolFlag(flags, 'latest');
  const all = boolFlag(flags, 'no-remove');
  if (latest && all)
    throw new EspejoError('E_BAD_VALUE', "-no-remove and -latest can't be specified together");
  if (latest) return { keep: 'latest' };
  return { keep: all ? 'all' : 'override', aptlyTail: mergeTail };
}
