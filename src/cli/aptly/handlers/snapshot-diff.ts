import { findObject } from '../../../catalog/find-object.ts';
import { type DiffRow, diffSets } from '../../../packages/diff.ts';
import { loadPackageSet } from '../../../packages/package-sets.ts';
import { boolFlag, type Handler } from '../../command.ts';
import { withApp } from '../../session.ts';
import { unable } from '../unable.ts';

export const run: Handler = async (invocation) => {
  const [nameA = '', nameB = ''] = invocation.args;
  const rows = await withApp(invocation, async (app) => {
    const a = await unable('unable to load snapshot A', () => findObject(app, 'snapshot', nameA));
    const b = await unable('unable to load snapshot B', () => findObject(app, 'snapshot', nameB));
    if (a.list === b.list) return [];
    const [left, right] = [await loadPackageSet(app, a.list), await loadPackageSet(app, b.list)];
    return diffSets(left, right, { aptlyTail: app.config.compatibility.diffTail });
  });
  return { lines: diffLines(rows, boolFlag(invocation.flags, 'only-matching')) };
};

function diffLines(all: readonly DiffRow[], onlyMatching: boolean): readonly string[] {
  if (all.length === 0) return ['Snapshots are identical.'];
  const rows = onlyMatching ? all.filter(({ kind }) => kind === 'changed') : all;
  const header = `  ${'Arch'.padEnd(6)} | ${'Package'.padEnd(40)} | ${'Version in A'.padEnd(40)} | Version in B`;
  return [header, ...rows.map(rowLine)];
}

function rowLine(row: DiffRow): string {
  const { name, architecture } = (row.left ?? row.right).package;
  const versions = [row.left, row.right].map((side) => (side?.package.version ?? '-').padEnd(40));
  return `${marks[row.kind]} ${architecture.padEnd(6)} | ${name.padEnd(40)} | ${versions.join(' | ')}`;
}

const marks = { added: '+', removed: '-', changed: '!' } as const;
