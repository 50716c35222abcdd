import type { App } from '../../app/app.ts';
import { mirrorJson, mirrorListLines, mirrorShowLines } from '../../aptly/objects/mirror-text.ts';
import { mirrorText } from '../../catalog/labels.ts';
import { about, EspejoError, isEspejoError } from '../../core/errors.ts';
import { renderGoJson } from '../../go/go-json.ts';
import type { NewMirror } from '../../mirror/create-mirror.ts';
import type { MirrorChanges } from '../../mirror/edit-mirror.ts';
import type { ReleaseAccess } from '../../mirror/mirror-release.ts';
import { dropMirror, listMirrors, renameMirror, showMirror } from '../../mirror/mirrors.ts';
import type { UpdatedMirror } from '../../mirror/update-mirror.ts';
import type { UpdateRequest } from '../../mirror/update-request.ts';
import type { Job } from '../../packages/events.ts';
import {
  boolFlag,
  type FlagValues,
  type Handler,
  type Invocation,
  type Outcome,
  stringFlag,
} from '../command.ts';
import { tellTally, withApp } from '../session.ts';
import { architectureList, architecturesOf, followOf } from './dependency-flags.ts';
import { parseGoInteger } from './go-integer.ts';
import { quietAboutDownloads, releaseAccess, withKeyringHints } from './mirror-fetching.ts';
import { readQueryText } from './query-argument.ts';
import { searchIn } from './search.ts';
import { dropping, type StageWords, unable } from './unable.ts';

/** The commands of mirrors (spec/cli.md 4). */
export const mirror = {
  create,
  drop,
  edit,
  list,
  rename,
  search: searchIn('mirror'),
  show,
  update,
} satisfies Readonly<Record<string, Handler>>;

const verifier = 'unable to initialize GPG verifier';

/** A command that fetches, with hints for who lacks a key. */
async function fetching<Result>(
  invocation: Invocation,
  work: (app: App, job: Job) => Promise<Result>,
): Promise<Result> {
  return await withApp(invocation, (app, job) =>
    withKeyringHints(invocation, () => work(app, quietAboutDownloads(job))),
  );
}

async function create(invocation: Invocation): Promise<Outcome> {
  const words: StageWords = {
    read: 'unable to create mirror',
    save: 'unable to add mirror',
    verify: verifier,
    fetch: 'unable to fetch mirror',
  };
  const made = await fetching(invocation, async (app, job) => {
    const settings = await unable('unable to create mirror', () => newMirror(invocation, app));
    const request = { ...settings, ...releaseAccess(invocation.flags, app.config) };
    const { createMirror } = await import('../../mirror/create-mirror.ts');
    return await unable(words, () => createMirror(app, request, job));
  });
  return {
    lines: [
      '',
      `Mirror ${mirrorText(made)} successfully added.`,
      `You can run '${invocation.root.name} mirror update ${made.name}' to download repository contents.`,
    ],
  };
}

async function newMirror(
  invocation: Invocation,
  { config }: App,
): Promise<Omit<NewMirror, keyof ReleaseAccess>> {
  const { args, flags } = invocation;
  const [name = '', archiveRoot = '', distribution, ...components] = args;
  return {
    name,
    archiveRoot,
    ...(distribution === undefined ? {} : { distribution }),
    components,
    architectures: architecturesOf(flags, config),
    filter: await readQueryText(stringFlag(flags, 'filter') ?? '', invocation),
    filterWithDeps: boolFlag(flags, 'filter-with-deps'),
    skipComponentCheck: boolFlag(flags, 'force-components'),
    skipArchitectureCheck: boolFlag(flags, 'force-architectures'),
    downloadSources: flags.has('with-sources')
      ? boolFlag(flags, 'with-sources')
      : config.aptly.downloadSourcePackages,
    downloadUdebs: boolFlag(flags, 'with-udebs'),
    downloadInstaller: boolFlag(flags, 'with-installer'),
    downloadAppStream: boolFlag(flags, 'with-appstream'),
  };
}

async function edit(invocation: Invocation): Promise<Outcome> {
  const { args, flags } = invocation;
  const [name = ''] = args;
  const edited = await fetching(invocation, async (app, job) => {
    const changes = await unable('unable to edit', async () => {
      await showMirror(app, { name, withPackages: false });
      return await changesOf(invocation);
    });
    const words: StageWords = { save: 'unable to edit', verify: verifier };
    const { editMirror } = await import('../../mirror/edit-mirror.ts');
    return await unable(words, () =>
      editMirror(app, { name, changes, access: releaseAccess(flags, app.config) }, job),
    );
  });
  return { lines: [`Mirror ${mirrorText(edited)} successfully updated.`] };
}

const switches = {
  'filter-with-deps': 'filterWithDeps',
  'with-appstream': 'downloadAppStream',
  'with-installer': 'downloadInstaller',
  'with-sources': 'downloadSources',
  'with-udebs': 'downloadUdebs',
} as const;

/** What the flags on the command line name; the configuration decides nothing here. */
async function changesOf(invocation: Invocation): Promise<MirrorChanges> {
  const { flags } = invocation;
  const archiveRoot = stringFlag(flags, 'archive-url');
  const filter = stringFlag(flags, 'filter');
  const architectures = stringFlag(flags, 'architectures');
  const switched = Object.entries(switches).filter(([flag]) => flags.has(flag));
  return {
    ...(archiveRoot === undefined ? {} : { archiveRoot }),
    ...(architectures === undefined ? {} : { architectures: architectureList(architectures) }),
    ...(filter === undefined ? {} : { filter: await readQueryText(filter, invocation) }),
    ...Object.fromEntries(switched.map(([flag, setting]) => [setting, boolFlag(flags, flag)])),
  };
}

async function update(invocation: Invocation): Promise<Outcome> {
  const [name = ''] = invocation.args;
  const words: StageWords = { fetch: 'unable to update', verify: verifier };
  const updated = await fetching(invocation, async (app, job) => {
    const request = updateRequest(invocation, name, app.config);
    const { updateMirror } = await import('../../mirror/update-mirror.ts');
    return await unable(words, () => updateMirror(app, request, job)).catch((error: unknown) => {
      throw isEspejoError(error, 'E_ABORTED')
        ? about('unable to update', new EspejoError('E_ABORTED', 'interrupted', { cause: error }))
        : error;
    });
  });
  tellTally(invocation, updated);
  return {
    lines: [...missingLines(updated.missing), '', `Mirror \`${name}\` has been successfully updated.`],
  };
}

function updateRequest({ flags }: Invocation, name: string, config: App['config']): UpdateRequest {
  return {
    name,
    ...releaseAccess(flags, config),
    force: boolFlag(flags, 'force'),
    ignoreChecksums: boolFlag(flags, 'ignore-checksums'),
    missing: missingOf(flags, config),
    latest: boolFlag(flags, 'latest'),
    skipExisting: boolFlag(flags, 'skip-existing-packages'),
    follow: followOf(flags, config),
    bytesPerSecond: limitOf(flags),
  };
}

/** @throws E_USAGE */
function missingOf(flags: FlagValues, { missing }: App['config']): UpdateRequest['missing'] {
  const word = stringFlag(flags, 'missing') ?? '';
  if (word === '') return missing;
  if (word === 'fail' || word === 'warn') return word;
  throw new EspejoError('E_BAD_VALUE', `-missing=${word}: is neither "fail" nor "warn"`);
}

function missingLines(missing: UpdatedMirror['missing']): readonly string[] {
  if (missing.length === 0) return [];
  return [
    '',
    'Left out, because the archive lacks their files:',
    ...missing.map(({ label, reason }) => `  ${label}: ${reason}`),
  ];
}

/** Undefined for none of its own: then the configured one counts. */
function limitOf(flags: FlagValues): number | undefined {
  const kibibytes = Number(parseGoInteger(stringFlag(flags, 'download-limit') ?? '0') ?? 0);
  return kibibytes > 0 ? kibibytes * 1024 : undefined;
}

async function list(invocation: Invocation): Promise<Outcome> {
  const { flags } = invocation;
  const listed = await withApp(invocation, listMirrors);
  if (boolFlag(flags, 'json')) {
    const json = listed.map((one) => mirrorJson(one.mirror, { updating: one.updating }));
    return { lines: renderGoJson(json, 2).split('\n') };
  }
  const mirrors = listed.map((one) => one.mirror);
  if (boolFlag(flags, 'raw')) return { lines: mirrors.map(({ name }) => name) };
  return { lines: mirrorListLines(mirrors, 'espejo') };
}

async function show(invocation: Invocation): Promise<Outcome> {
  const { args, flags } = invocation;
  const request = { name: args[0] ?? '', withPackages: boolFlag(flags, 'with-packages') };
  const facts = await withApp(invocation, (app) => unable('unable to show', () => showMirror(app, request)));
  if (boolFlag(flags, 'json')) return { lines: renderGoJson(mirrorJson(facts.mirror, facts), 2).split('\n') };
  return { lines: mirrorShowLines(facts.mirror, facts) };
}

async function rename(invocation: Invocation): Promise<Outcome> {
  const [from = '', to = ''] = invocation.args;
  await withApp(invocation, (app, job) =>
    unable('unable to rename', () => renameMirror(app, { from, to }, job)),
  );
  return { lines: ['', `Mirror ${from} -> ${to} has been successfully renamed.`] };
}

async function drop(invocation: Invocation): Promise<Outcome> {
  const { args, flags } = invocation;
  const [name = ''] = args;
  const request = { name, force: boolFlag(flags, 'force') };
  const words = {
    snapshot: {
      title: `Mirror \`${name}\` was used to create following snapshots:`,
      refusal: "won't delete mirror with snapshots, use -force to override",
    },
  };
  await withApp(invocation, (app, job) => dropping(invocation, words, () => dropMirror(app, request, job)));
  return { lines: [`Mirror \`${name}\` has been removed.`] };
}
