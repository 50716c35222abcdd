import type { App } from '../../../app/app.ts';
import { packageLabel } from '../../../aptly/package-text.ts';
import { findObject } from '../../../catalog/find-object.ts';
import { snapshotText } from '../../../catalog/labels.ts';
import type { SnapshotObject } from '../../../catalog/library.ts';
import { chooseArchitectures } from '../../../packages/architectures.ts';
import type { Job } from '../../../packages/events.ts';
import { loadPackageSet } from '../../../packages/package-sets.ts';
import { type PullResult, pullInto } from '../../../packages/pull.ts';
import { addSnapshot, derivedDraft } from '../../../snapshot/snapshots.ts';
import { boolFlag, type Handler, type Invocation } from '../../command.ts';
import { withApp } from '../../session.ts';
import { architecturesOf, followOf } from '../dependency-flags.ts';
import { readQueries } from '../query-argument.ts';
import { printLines, snapshotMadeLines } from '../snapshot-lines.ts';
import { unable } from '../unable.ts';

export const run: Handler = async (invocation) => {
  const [targetName = '', sourceName = '', name = '', ...words] = invocation.args;
  const dryRun = boolFlag(invocation.flags, 'dry-run');
  await withApp(invocation, async (app, { signal, report }) => {
    const target = await unable('unable to pull', () => findObject(app, 'snapshot', targetName));
    const source = await unable('unable to pull', () => findObject(app, 'snapshot', sourceName));
    printLines(invocation, plannedLines(target, source, name));
    const { result: packages, changes } = await pull(app, invocation, { target, source, words, report });
    printLines(
      invocation,
      changes.map(({ kind, member }) => `[${marks[kind]}] ${packageLabel(member.package)} ${kind}`),
    );
    if (dryRun) return;
    const request = `pull request was: '${words.join(' ')}'`;
    const description = `Pulled into '${target.name}' with '${source.name}' as source, ${request}`;
    const draft = derivedDraft(name, description, [target, source]);
    await unable('unable to create snapshot', () => addSnapshot(app, draft, { packages, signal }));
  });
  if (dryRun) return { lines: ['', 'Not creating snapshot, as dry run was requested.'] };
  return { lines: snapshotMadeLines(invocation, name) };
};

const marks = { added: '+', removed: '-' } as const;

function plannedLines(target: SnapshotObject, source: SnapshotObject, name: string): readonly string[] {
  return [
    'Dependencies would be pulled into snapshot:',
    `    ${snapshotText(target)}`,
    'from snapshot:',
    `    ${snapshotText(source)}`,
    `and result would be saved as new snapshot ${name}.`,
  ];
}

type Pull = {
  readonly target: SnapshotObject;
  readonly source: SnapshotObject;
  readonly words: readonly string[];
  readonly report: Job['report'];
};

async function pull(
  app: App,
  invocation: Invocation,
  { target, source, words, report }: Pull,
): Promise<PullResult> {
  const { flags } = invocation;
  const into = await loadPackageSet(app, target.list);
  const from = await loadPackageSet(app, source.list);
  printLines(invocation, [`Loading packages (${into.size + from.size})...`, 'Building indexes...']);
  const architectures = chooseArchitectures(architecturesOf(flags, app.config), into);
  const queries = await unable('unable to parse query', () => readQueries(words, invocation));
  return pullInto(into, from, {
    queries,
    architectures,
    follow: boolFlag(flags, 'no-deps') ? undefined : followOf(flags, app.config),
    allMatches: boolFlag(flags, 'all-matches'),
    noRemove: boolFlag(flags, 'no-remove'),
    report,
  });
}
