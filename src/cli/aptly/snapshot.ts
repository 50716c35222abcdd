import {
  snapshotJson,
  snapshotListLines,
  snapshotOrder,
  snapshotShowLines,
  sortSnapshots,
} from '../../aptly/objects/snapshot-text.ts';
import { EspejoError, isEspejoError } from '../../core/errors.ts';
import { renderGoJson } from '../../go/go-json.ts';
import { printDependency } from '../../packages/satisfaction.ts';
import type { Difference } from '../../snapshot/compare.ts';
import { createSnapshot, type SnapshotOrigin } from '../../snapshot/create.ts';
import { dropSnapshot, listSnapshots, renameSnapshot, showSnapshot } from '../../snapshot/snapshots.ts';
import {
  boolFlag,
  type FlagValues,
  type Handler,
  type Invocation,
  type Outcome,
  stringFlag,
} from '../command.ts';
import { withApp } from '../session.ts';
import { dependenciesOf, followingOf, isVerbose } from './dependency-flags.ts';
import { readQueryTexts } from './query-argument.ts';
import { searchIn } from './search.ts';
import { type DropWords, dropping, unable } from './unable.ts';

/** Loaded when they are asked for: lists and drops do without them. */
const comparing = () => import('../../snapshot/compare.ts');
const deriving = () => import('../../snapshot/derive.ts');

/** The commands of snapshots (spec/cli.md 6). */
export const snapshot = {
  create,
  diff,
  drop,
  filter,
  list,
  merge,
  pull,
  rename,
  search: searchIn('snapshot'),
  show,
  verify,
} satisfies Readonly<Record<string, Handler>>;

async function create(invocation: Invocation): Promise<Outcome> {
  const [name = '', ...words] = invocation.args;
  const origin = originOf(words);
  await withApp(invocation, (app, job) =>
    unable({ find: 'unable to create snapshot', save: 'unable to add snapshot' }, () =>
      createSnapshot(app, { name, origin }, job),
    ),
  );
  return { lines: snapshotMadeLines(invocation, name) };
}

/** What is printed when a snapshot was made. */
function snapshotMadeLines(
  { root }: Pick<Invocation, 'root'>,
  name: string,
  made: 'created' | 'filtered' = 'created',
): readonly string[] {
  return [
    '',
    `Snapshot ${name} successfully ${made}.`,
    `You can run '${root.name} publish snapshot ${name}' to publish snapshot as Debian repository.`,
  ];
}

/** `from mirror <name>`, `from repo <name>` or `empty`, as the arity of the command has checked. */
function originOf([first, kind, name = '']: readonly string[]): SnapshotOrigin {
  if (first === 'empty') return { kind: 'nothing' };
  return { kind: kind === 'mirror' ? 'mirror' : 'repo', name };
}

async function list(invocation: Invocation): Promise<Outcome> {
  const { flags, root } = invocation;
  const word = stringFlag(flags, 'sort') ?? 'name';
  const order = snapshotOrder(word);
  if (order === undefined)
    throw new EspejoError('E_BAD_VALUE', `sorting method "${word}" unknown`, { hint: 'name or time' });
  const snapshots = sortSnapshots(await withApp(invocation, listSnapshots), order);
  if (boolFlag(flags, 'json')) {
    const json = snapshots.map((one) => snapshotJson(one));
    return { lines: renderGoJson(json, 2).split('\n') };
  }
  if (boolFlag(flags, 'raw')) return { lines: snapshots.map(({ name }) => name) };
  return { lines: snapshotListLines(snapshots, root.name) };
}

async function show(invocation: Invocation): Promise<Outcome> {
  const { args, flags } = invocation;
  const request = { name: args[0] ?? '', withPackages: boolFlag(flags, 'with-packages') };
  const facts = await withApp(invocation, (app) =>
    unable('unable to show', () => showSnapshot(app, request)),
  );
  if (boolFlag(flags, 'json')) {
    return { lines: renderGoJson(snapshotJson(facts.snapshot, facts), 2).split('\n') };
  }
  return { lines: snapshotShowLines(facts.snapshot, facts) };
}

async function rename(invocation: Invocation): Promise<Outcome> {
  const [from = '', to = ''] = invocation.args;
  await withApp(invocation, (app, job) =>
    unable('unable to rename', () => renameSnapshot(app, { from, to }, job)),
  );
  return { lines: ['', `Snapshot ${from} -> ${to} has been successfully renamed.`] };
}

async function drop(invocation: Invocation): Promise<Outcome> {
  const [name = ''] = invocation.args;
  const request = { name, force: boolFlag(invocation.flags, 'force') };
  await withApp(invocation, (app, job) =>
    dropping(invocation, dropWords(name), () => dropSnapshot(app, request, job)),
  );
  return { lines: [`Snapshot \`${name}\` has been dropped.`] };
}

function dropWords(name: string): DropWords {
  return {
    publication: {
      title: `Snapshot \`${name}\` is published currently:`,
      refusal: 'unable to drop: snapshot is published',
    },
    snapshot: {
      title: `Snapshot \`${name}\` was used as a source in following snapshots:`,
      refusal: "won't delete snapshot that was used as source for other snapshots, use -force to override",
    },
  };
}

async function merge(invocation: Invocation): Promise<Outcome> {
  const [name = '', ...sources] = invocation.args;
  const request = { name, sources, keep: keepOf(invocation.flags) };
  await withApp(invocation, (app, job) =>
    unable({ find: 'unable to load snapshot', save: 'unable to create snapshot' }, async () =>
      (await deriving()).mergeSnapshots(app, request, job),
    ),
  );
  return { lines: snapshotMadeLines(invocation, name) };
}

function keepOf(flags: FlagValues): 'latest' | 'all' | 'override' {
  const latest = boolFlag(flags, 'latest');
  const all = boolFlag(flags, 'no-remove');
  if (latest && all)
    throw new EspejoError('E_BAD_VALUE', "-no-remove and -latest can't be specified together");
  if (latest) return 'latest';
  return all ? 'all' : 'override';
}

async function filter(invocation: Invocation): Promise<Outcome> {
  const [source = '', name = '', ...words] = invocation.args;
  await withApp(invocation, (app, job) =>
    unable({ ...derivingWords, find: 'unable to filter' }, async () => {
      const queries = await readQueryTexts(words, invocation);
      const request = { source, name, queries, asked: words.join(' '), ...dependenciesOf(invocation.flags) };
      return await (await deriving()).filterSnapshot(app, request, job);
    }),
  );
  return { lines: snapshotMadeLines(invocation, name, 'filtered') };
}

const derivingWords = { read: 'unable to parse query', save: 'unable to create snapshot' };

async function pull(invocation: Invocation): Promise<Outcome> {
  const { args, flags } = invocation;
  const [into = '', from = '', name = '', ...words] = args;
  const dryRun = boolFlag(flags, 'dry-run');
  await withApp(invocation, (app, job) =>
    unable({ ...derivingWords, find: 'unable to pull' }, async () => {
      const request = {
        into,
        from,
        name,
        queries: await readQueryTexts(words, invocation),
        asked: words.join(' '),
        dependencies: followingOf(flags),
        withoutDependencies: boolFlag(flags, 'no-deps'),
        allMatches: boolFlag(flags, 'all-matches'),
        noRemove: boolFlag(flags, 'no-remove'),
        dryRun,
      };
      return await (await deriving()).pullSnapshot(app, request, job);
    }),
  );
  if (dryRun) return { lines: ['', 'Not creating snapshot, as dry run was requested.'] };
  return { lines: snapshotMadeLines(invocation, name) };
}

async function diff(invocation: Invocation): Promise<Outcome> {
  const [left = '', right = ''] = invocation.args;
  const rows = await withApp(invocation, async (app) => {
    try {
      return await (await comparing()).diffSnapshots(app, { left, right });
    } catch (error) {
      const side = isEspejoError(error) && error.context['name'] === left ? 'A' : 'B';
      return await unable({ find: `unable to load snapshot ${side}` }, () => Promise.reject(error));
    }
  });
  return { lines: diffLines(rows, boolFlag(invocation.flags, 'only-matching')) };
}

function diffLines(all: readonly Difference[], onlyMatching: boolean): readonly string[] {
  if (all.length === 0) return ['Snapshots are identical.'];
  const rows = onlyMatching ? all.filter(({ kind }) => kind === 'changed') : all;
  const header = `  ${'Arch'.padEnd(6)} | ${'Package'.padEnd(40)} | ${'Version in A'.padEnd(40)} | Version in B`;
  return [header, ...rows.map(rowLine)];
}

function rowLine({ kind, name, architecture, versions }: Difference): string {
  const columns = versions.map((version) => (version ?? '-').padEnd(40));
  return `${marks[kind]} ${architecture.padEnd(6)} | ${name.padEnd(40)} | ${columns.join(' | ')}`;
}

const marks = { added: '+', removed: '-', changed: '!' } as const;

async function verify(invocation: Invocation): Promise<Outcome> {
  const { args, flags, print } = invocation;
  const [name = '', ...further] = args;
  const request = { name, further, dependencies: followingOf(flags) };
  return await withApp(invocation, async (app, job) => {
    const { verifySnapshot } = await comparing();
    const missing = await unable({ find: 'unable to verify' }, () =>
      verifySnapshot(app, request, job).catch((error: unknown) => {
        throw inConflict(error);
      }),
    );
    print('Verifying...\n');
    const texts = missing.map(printDependency);
    const steps = isVerbose(flags, app.config) ? [`Missing dependencies: ${texts.join(', ')}`] : [];
    if (missing.length === 0) return { lines: [...steps, 'All dependencies are satisfied.'] };
    return {
      lines: [...steps, `Missing dependencies (${missing.length}):`, ...texts.map((text) => `  ${text}`)],
    };
  });
}

function inConflict(error: unknown): unknown {
  if (!isEspejoError(error, 'E_PACKAGE_CONFLICT') || error.stage !== 'merge') return error;
  const { context } = error;
  const message = `unable to merge sources: conflict in package ${String(context['package'])}`;
  return new EspejoError('E_PACKAGE_CONFLICT', message, { cause: error, context });
}
