import { findObject } from '../../../catalog/find-object.ts';
import { filterSet } from '../../../packages/filter.ts';
import { loadPackageSet } from '../../../packages/package-sets.ts';
import { addSnapshot, derivedDraft } from '../../../snapshot/snapshots.ts';
import type { Handler } from '../../command.ts';
import { withApp } from '../../session.ts';
import { dependenciesIn } from '../dependency-flags.ts';
import { readQueries } from '../query-argument.ts';
import { printLines, snapshotMadeLines } from '../snapshot-lines.ts';
import { unable } from '../unable.ts';

export const run: Handler = async (invocation) => {
  const [sourceName = '', name = '', ...words] = invocation.args;
  await withApp(invocation, async (app, { signal, report }) => {
    const source = await unable('unable to filter', () => findObject(app, 'snapshot', sourceName));
    const set = await loadPackageSet(app, source.list);
    printLines(invocation, [`Loading packages (${set.size})...`, 'Building indexes...']);
    const dependencies = dependenciesIn(set, { flags: invocation.flags, config: app.config, report });
    const queries = await unable('unable to parse query', () => readQueries(words, invocation));
    const packages = filterSet(set, queries, dependencies);
    const description = `Filtered '${source.name}', query was: '${words.join(' ')}'`;
    const draft = derivedDraft(name, description, [source]);
    await unable('unable to create snapshot', () => addSnapshot(app, draft, { packages, signal }));
  });
  return { lines: snapshotMadeLines(invocation, name, 'filtered') };
};
