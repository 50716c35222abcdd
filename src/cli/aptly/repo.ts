import { resolve } from 'node:path';
import { repoJson, repoListLines, repoShowJson, repoShowLines } from '../../aptly/objects/repo-text.ts';
import { repoText } from '../../catalog/labels.ts';
import type { Uploaders } from '../../catalog/objects.ts';
import { EspejoError } from '../../core/errors.ts';
import { printable } from '../../core/redact.ts';
import { renderGoJson } from '../../go/go-json.ts';
import type { AddedFiles } from '../../repo/add.ts';
import { removePackages, type Transfer, transferPackages } from '../../repo/packages.ts';
import {
  createRepo,
  dropRepo,
  editRepo,
  listRepos,
  type RepoSettings,
  renameRepo,
  showRepo,
} from '../../repo/repos.ts';
import { readUploaders } from '../../repo/uploaders.ts';
import { boolFlag, type Handler, type Invocation, type Outcome, stringFlag } from '../command.ts';
import { withApp } from '../session.ts';
import { dependenciesOf } from './dependency-flags.ts';
import { verificationOf } from './mirror-fetching.ts';
import { readQueryTexts } from './query-argument.ts';
import { searchIn } from './search.ts';
import { type DropWords, dropping, unable } from './unable.ts';

/** The commands of local repositories (spec/cli.md 5). */
export const repo = {
  add,
  copy: transfer('copy'),
  create,
  drop,
  edit,
  import: transfer('import'),
  include,
  list,
  move: transfer('move'),
  remove,
  rename,
  search: searchIn('repo'),
  show,
} satisfies Readonly<Record<string, Handler>>;

async function create(invocation: Invocation): Promise<Outcome> {
  const { args, flags, root } = invocation;
  const [name = '', , , snapshot] = args;
  const words = { find: 'unable to load source snapshot', save: 'unable to add local repo' };
  const settings = {
    name,
    comment: stringFlag(flags, 'comment') ?? '',
    defaultDistribution: stringFlag(flags, 'distribution') ?? '',
    defaultComponent: stringFlag(flags, 'component') ?? 'main',
    uploaders: (await uploadersOf(invocation)) ?? null,
    ...(snapshot === undefined ? {} : { snapshot }),
  };
  const made = await withApp(invocation, (app, job) => unable(words, () => createRepo(app, settings, job)));
  return {
    lines: [
      '',
      `Local repo ${repoText(made)} successfully added.`,
      `You can run '${root.name} repo add ${made.name} ...' to add packages to repository.`,
    ],
  };
}

async function edit(invocation: Invocation): Promise<Outcome> {
  const [name = ''] = invocation.args;
  const edited = await withApp(invocation, async (app, job) => {
    await unable('unable to edit', () => showRepo(app, { name, withPackages: false }));
    const changes = await changesOf(invocation);
    return await unable('unable to edit', () => editRepo(app, { name, changes }, job));
  });
  return { lines: [`Local repo ${repoText(edited)} successfully updated.`] };
}

async function changesOf(invocation: Invocation): Promise<Partial<RepoSettings>> {
  const { flags } = invocation;
  const comment = stringFlag(flags, 'comment');
  const distribution = stringFlag(flags, 'distribution');
  const component = stringFlag(flags, 'component');
  const uploaders = await uploadersOf(invocation);
  return {
    ...(comment === undefined ? {} : { comment }),
    ...(distribution === undefined ? {} : { defaultDistribution: distribution }),
    ...(component === undefined ? {} : { defaultComponent: component }),
    ...(uploaders === undefined ? {} : { uploaders }),
  };
}

/** The rules of `-uploaders-file`, null for an empty name; undefined without the flag. */
async function uploadersOf({ cwd, flags }: Invocation): Promise<Uploaders | null | undefined> {
  const file = stringFlag(flags, 'uploaders-file');
  if (file === undefined) return undefined;
  return file === '' ? null : await readUploaders(resolve(cwd, file));
}

async function list(invocation: Invocation): Promise<Outcome> {
  const { flags, root } = invocation;
  const repos = await withApp(invocation, listRepos);
  if (boolFlag(flags, 'json')) {
    return {
      lines: renderGoJson(
        repos.map((one) => repoJson(one.repo)),
        2,
      ).split('\n'),
    };
  }
  if (boolFlag(flags, 'raw')) return { lines: repos.map((one) => one.repo.name) };
  return { lines: repoListLines(repos, root.name) };
}

async function show(invocation: Invocation): Promise<Outcome> {
  const { args, flags } = invocation;
  const request = { name: args[0] ?? '', withPackages: boolFlag(flags, 'with-packages') };
  const facts = await withApp(invocation, (app) => unable('unable to show', () => showRepo(app, request)));
  if (boolFlag(flags, 'json'))
    return { lines: renderGoJson(repoShowJson(facts.repo, facts.packages), 2).split('\n') };
  return { lines: repoShowLines(facts.repo, facts) };
}

async function rename(invocation: Invocation): Promise<Outcome> {
  const [from = '', to = ''] = invocation.args;
  await withApp(invocation, (app, job) =>
    unable('unable to rename', () => renameRepo(app, { from, to }, job)),
  );
  return { lines: ['', `Local repo ${from} -> ${to} has been successfully renamed.`] };
}

async function drop(invocation: Invocation): Promise<Outcome> {
  const [name = ''] = invocation.args;
  const request = { name, force: boolFlag(invocation.flags, 'force') };
  await withApp(invocation, (app, job) =>
    dropping(invocation, dropWords(name), () => dropRepo(app, request, job)),
  );
  return { lines: [`Local repo \`${name}\` has been removed.`] };
}

function dropWords(name: string): DropWords {
  return {
    publication: {
      title: `Local repo \`${name}\` is published currently:`,
      refusal: 'unable to drop: local repo is published',
    },
    snapshot: {
      title: `Local repo \`${name}\` was used to create following snapshots:`,
      refusal: "won't delete local repo with snapshots, use -force to override",
    },
  };
}

async function add(invocation: Invocation): Promise<Outcome> {
  const { args, cwd, flags } = invocation;
  const [name = '', ...paths] = args;
  const files = {
    repo: name,
    paths,
    directory: cwd,
    forceReplace: boolFlag(flags, 'force-replace'),
    removeFiles: boolFlag(flags, 'remove-files'),
  };
  // What reads packages and signatures takes longer to load than the other commands take in all.
  const { addFiles } = await import('../../repo/add.ts');
  const added = await withApp(invocation, (app, job) =>
    unable('unable to add', () => addFiles(app, files, job)),
  );
  return reportSkipped(invocation, added);
}

async function include(invocation: Invocation): Promise<Outcome> {
  const { args, cwd, flags } = invocation;
  const uploaders = (await uploadersOf(invocation)) ?? undefined;
  const inclusion = {
    paths: args,
    directory: cwd,
    acceptUnsigned: boolFlag(flags, 'accept-unsigned'),
    verification: verificationOf(flags),
    forceReplace: boolFlag(flags, 'force-replace'),
    removeFiles: !boolFlag(flags, 'no-remove-files'),
    repo: stringFlag(flags, 'repo') ?? '{{.Distribution}}',
    ...(uploaders === undefined ? {} : { uploaders }),
  };
  const { includeChanges } = await import('../../repo/include.ts');
  const added = await withApp(invocation, (app, job) =>
    unable({ read: 'error parsing -repo template' }, () => includeChanges(app, inclusion, job)),
  );
  return reportSkipped(invocation, added);
}

/** Lists the files that failed; what happened to each was told before. @throws E_FILES_SKIPPED when there are any */
function reportSkipped({ print }: Invocation, { failed }: AddedFiles): Outcome {
  if (failed.length === 0) return { lines: [] };
  const files = failed.map(({ path }) => path);
  const lines = files.map((path) => `  ${printable(path)}\n`);
  print(`[!] Some files were skipped due to errors:\n${lines.join('')}`);
  throw new EspejoError('E_FILES_SKIPPED', 'some files failed to be added', { context: { files } });
}

function transfer(kind: Transfer['kind']): Handler {
  return async (invocation) => {
    const { args, flags } = invocation;
    const [source = '', destination = '', ...words] = args;
    const dryRun = boolFlag(flags, 'dry-run');
    const taken = await withApp(invocation, (app, job) =>
      unable(`unable to ${kind}`, async () => {
        const queries = await readQueryTexts(words, invocation);
        const request = { kind, source, destination, queries, dryRun, ...dependenciesOf(flags) };
        return await transferPackages(app, request, job);
      }),
    );
    const done = verbs[kind];
    return { lines: [...taken.map((label) => `[o] ${label} ${done}`), ...(dryRun ? dryRunLines : [])] };
  };
}

const verbs = { copy: 'copied', move: 'moved', import: 'imported' } as const;

async function remove(invocation: Invocation): Promise<Outcome> {
  const [name = '', ...words] = invocation.args;
  const dryRun = boolFlag(invocation.flags, 'dry-run');
  const removed = await withApp(invocation, (app, job) =>
    unable('unable to remove', async () => {
      const queries = await readQueryTexts(words, invocation);
      return await removePackages(app, { name, queries, dryRun }, job);
    }),
  );
  return { lines: [...removed.map((label) => `[-] ${label} removed`), ...(dryRun ? dryRunLines : [])] };
}

const dryRunLines: readonly string[] = ['', 'Changes not saved, as dry run has been requested.'];
