import type { App } from '../../app/app.ts';
import {
  publicationJson,
  publicationListJson,
  publicationListLines,
  publicationRawLines,
  publicationShowLines,
  sourcesListLines,
  stagedJson,
  stagedLines,
} from '../../aptly/objects/publication-text.ts';
import { sourceWord } from '../../aptly/objects/source.ts';
import { type PublicationFacts, publicationText, storagePrefix } from '../../catalog/labels.ts';
import type { PublicationObject } from '../../catalog/objects.ts';
import type { EspejoConfig } from '../../config/config.ts';
import { EspejoError } from '../../core/errors.ts';
import { renderGoJson } from '../../go/go-json.ts';
import type { Job } from '../../packages/events.ts';
import {
  listPublications,
  type PublicationIdentity,
  parseLocation,
  showPublication,
} from '../../publish/publication-place.ts';
import type { ChangedSettings, ChangeRequest } from '../../publish/publish-change.ts';
import type { NewPublication } from '../../publish/publish-new.ts';
import {
  dropStagedSources,
  listStagedSources,
  type SourceChange,
  stageSources,
} from '../../publish/staged-sources.ts';
import {
  boolFlag,
  type FlagValues,
  type Handler,
  type Invocation,
  type Outcome,
  stringFlag,
} from '../command.ts';
import { withApp, withTally } from '../session.ts';
import { architecturesOf } from './dependency-flags.ts';
import { signingOptions } from './signing-flags.ts';
import { type StageWords, unable } from './unable.ts';

const publishWords: StageWords = {
  sign: 'unable to initialize GPG signer',
  publish: 'unable to publish',
  link: 'unable to publish: unable to process packages',
};

/** The commands of publications (spec/cli.md 7). */
export const publish = {
  drop,
  list,
  repo: (invocation) => publishSources(invocation, 'repo'),
  show,
  snapshot: (invocation) => publishSources(invocation, 'snapshot'),
  'source add': (invocation) => stage(invocation, 'add'),
  'source drop': sourceDrop,
  'source list': sourceList,
  'source remove': (invocation) => stage(invocation, 'remove'),
  'source replace': (invocation) => stage(invocation, 'replace'),
  'source update': (invocation) => stage(invocation, 'update'),
  switch: switchSources,
  update,
} satisfies Readonly<Record<string, Handler>>;

/** `publish snapshot` and `publish repo` (spec/cli.md 7.1). */
async function publishSources(
  invocation: Invocation,
  sourceKind: NewPublication['sourceKind'],
): Promise<Outcome> {
  const { args, flags } = invocation;
  const components = componentsOf(flags);
  const names = args.slice(0, components.length);
  const location = parseLocation(args[components.length] ?? '');
  const { publication, directory } = await publishing(invocation, publishWords, async (app, job) => {
    const request: NewPublication = {
      sourceKind,
      names,
      components,
      location,
      settings: newSettings(flags, app.config),
      forceOverwrite: boolFlag(flags, 'force-overwrite'),
      signing: signingOptions(invocation),
    };
    const { publishNew } = await import('../../publish/publish-new.ts');
    const publication = await publishNew(app, request, job);
    return { publication, directory: app.endpoints.of(publication.storage).directory ?? '' };
  });
  const sources = sourceKind === 'repo' ? 'Local repo' : 'Snapshot';
  const what = names.length === 1 ? `${sources} ${names[0]} has` : `${sources}s ${names.join(', ')} have`;
  return {
    lines: [
      '',
      `${what} been successfully published.`,
      `Please setup your webserver to serve directory '${directory}' with autoindexing.`,
      'Now you can add following line to apt sources:',
      ...sourcesListLines(publication, 'http://your-server/').map((line) => `  ${line}`),
      "Don't forget to add your GPG key to apt with apt-key.",
      '',
      `You can also use \`${invocation.root.name} serve\` to publish your repositories over HTTP quickly.`,
    ],
  };
}

/** `publish switch` (spec/cli.md 7.5). */
async function switchSources(invocation: Invocation): Promise<Outcome> {
  const { args, flags } = invocation;
  const [distribution = '', ...rest] = args;
  const components = componentsOf(flags);
  const hasLocation = rest.length === components.length + 1;
  const [location = '.', ...names] = hasLocation ? rest : ['.', ...rest];
  const request = { ...changeRequest(invocation, { location, distribution }), components, names };
  const { switchPublication } = await import('../../publish/publish-change.ts');
  const { text } = await changing(invocation, 'switch', (app, job) => switchPublication(app, request, job));
  return {
    lines: ['', `Published snapshot repository ${text} has been successfully switched to new source.`],
  };
}

/** `publish update` (spec/cli.md 7.6). */
async function update(invocation: Invocation): Promise<Outcome> {
  const [distribution = '', location = '.'] = invocation.args;
  const request = changeRequest(invocation, { location, distribution });
  const { updatePublication } = await import('../../publish/publish-change.ts');
  const { publication, text } = await changing(invocation, 'update', (app, job) =>
    updatePublication(app, request, job),
  );
  return {
    lines: [
      '',
      `Published ${sourceWord(publication.sourceKind)} repository ${text} has been updated successfully.`,
    ],
  };
}

async function changing(
  invocation: Invocation,
  verb: 'switch' | 'update',
  work: (app: App, job: Job) => Promise<PublicationFacts>,
): Promise<{ readonly publication: PublicationObject; readonly text: string }> {
  const words = { ...publishWords, find: `unable to ${verb}`, clean: 'unable to update' };
  return await publishing(invocation, words, async (app, job) => {
    const changed = await work(app, job);
    return { publication: changed.publication, text: publicationText(changed) };
  });
}

/** `publish drop` (spec/cli.md 7.7). */
async function drop(invocation: Invocation): Promise<Outcome> {
  const { flags } = invocation;
  const request = {
    identity: identityOf(invocation),
    force: boolFlag(flags, 'force-drop'),
    skipCleanup: boolFlag(flags, 'skip-cleanup'),
  };
  const { dropPublication } = await import('../../publish/publish-drop.ts');
  await withApp(invocation, (app, job) =>
    unable('unable to remove', () => dropPublication(app, request, job)),
  );
  return { lines: ['', 'Published repository has been removed successfully.'] };
}

/** `publish list` (spec/cli.md 7.3). */
async function list(invocation: Invocation): Promise<Outcome> {
  const { flags, root } = invocation;
  const facts = await withApp(invocation, listPublications);
  if (boolFlag(flags, 'json')) return { lines: renderGoJson(publicationListJson(facts), 2).split('\n') };
  if (boolFlag(flags, 'raw'))
    return { lines: publicationRawLines(facts.map(({ publication }) => publication)) };
  return { lines: publicationListLines(facts, root.name) };
}

/** `publish show` (spec/cli.md 7.4). */
async function show(invocation: Invocation): Promise<Outcome> {
  const facts = await withApp(invocation, (app) =>
    unable('unable to show', () => showPublication(app, identityOf(invocation))),
  );
  if (boolFlag(invocation.flags, 'json'))
    return { lines: renderGoJson(publicationJson(facts), 2).split('\n') };
  return { lines: publicationShowLines(facts) };
}

/** `publish source add`, `update`, `replace` and `remove`. */
async function stage(invocation: Invocation, kind: SourceChange['kind']): Promise<Outcome> {
  const identity = stagedIdentity(invocation);
  const change = changeOf(kind, invocation);
  const verb = kind === 'replace' ? 'add' : kind;
  await withApp(invocation, (app, job) =>
    unable(`unable to ${verb}`, () => stageSources(app, { identity, change }, job)),
  );
  const words = `publish update ${identity.distribution} ${storagePrefix(identity)}`;
  return {
    lines: [
      '',
      `You can run '${invocation.root.name} ${words}' to update the content of the published repository.`,
    ],
  };
}

/** `publish source list`. */
async function sourceList(invocation: Invocation): Promise<Outcome> {
  const { publication, staged } = await withApp(invocation, (app) =>
    unable('unable to list', () => listStagedSources(app, stagedIdentity(invocation))),
  );
  if (boolFlag(invocation.flags, 'json')) return { lines: renderGoJson(stagedJson(staged), 2).split('\n') };
  return { lines: stagedLines(publication, staged) };
}

/** `publish source drop`. */
async function sourceDrop(invocation: Invocation): Promise<Outcome> {
  await withApp(invocation, (app, job) =>
    unable('unable to drop', () => dropStagedSources(app, stagedIdentity(invocation), job)),
  );
  return { lines: ['Source changes have been removed successfully.'] };
}

/** Publishing in aptly's words: its phases are not told beside them, warnings are counted. */
async function publishing<Result>(
  invocation: Invocation,
  words: StageWords,
  work: (app: App, job: Job) => Promise<Result>,
): Promise<Result> {
  return await withTally(invocation, async (app, job) => {
    const quiet: Job = {
      signal: job.signal,
      report: (event) => {
        if (event.type !== 'phase') job.report(event);
      },
    };
    return await unable(words, () => work(app, quiet));
  });
}

/** `<distribution> [<location>]` */
function identityOf({ args }: Invocation): PublicationIdentity {
  const [distribution = '', location = '.'] = args;
  return { ...parseLocation(location), distribution };
}

/** The publication that `publish source` commands name: a distribution and `-prefix`. */
function stagedIdentity({ args, flags }: Invocation): PublicationIdentity {
  const [distribution = ''] = args;
  return { ...parseLocation(stringFlag(flags, 'prefix') ?? '.'), distribution };
}

function changeRequest(
  invocation: Invocation,
  { location, distribution }: { readonly location: string; readonly distribution: string },
): ChangeRequest {
  const { flags } = invocation;
  return {
    identity: { ...parseLocation(location), distribution },
    settings: changedSettings(flags),
    skipCleanup: boolFlag(flags, 'skip-cleanup'),
    forceOverwrite: boolFlag(flags, 'force-overwrite'),
    signing: signingOptions(invocation),
  };
}

function changeOf(kind: SourceChange['kind'], { args, flags }: Invocation): SourceChange {
  const components = componentsOf(flags);
  if (kind === 'remove') return { kind, components };
  const names = args.slice(1);
  if (names.length !== components.length) {
    throw new EspejoError(
      'E_BAD_VALUE',
      `mismatch in number of components (${components.length}) and sources (${names.length})`,
    );
  }
  return { kind, sources: components.map((component, at) => [component, names[at] ?? ''] as const) };
}

/** The items of `-component`; one empty item without it, as aptly counts. */
function componentsOf(flags: FlagValues): readonly string[] {
  return (stringFlag(flags, 'component') ?? '').split(',');
}

function newSettings(flags: FlagValues, config: EspejoConfig): NewPublication['settings'] {
  const text = (name: string): string => stringFlag(flags, name) ?? '';
  const configured = (name: string, value: boolean): boolean => {
    const given = flags.get(name);
    return typeof given === 'boolean' ? given : value;
  };
  return {
    distribution: text('distribution'),
    origin: text('origin'),
    notAutomatic: text('notautomatic'),
    butAutomaticUpgrades: text('butautomaticupgrades'),
    label: text('label'),
    suite: text('suite'),
    codename: text('codename'),
    version: text('version'),
    signedBy: text('signed-by'),
    architectures: architecturesOf(flags, config),
    skipContents: configured('skip-contents', config.aptly.skipContentsPublishing),
    skipBz2: configured('skip-bz2', config.aptly.skipBz2Publishing),
    acquireByHash: boolFlag(flags, 'acquire-by-hash'),
    multiDist: boolFlag(flags, 'multi-dist'),
  };
}

/** The settings that `publish switch` and `publish update` change: those that stand on the command line. */
function changedSettings(flags: FlagValues): ChangedSettings {
  return {
    ...textSetting(flags, 'origin', 'origin'),
    ...textSetting(flags, 'label', 'label'),
    ...textSetting(flags, 'version', 'version'),
    ...textSetting(flags, 'signed-by', 'signedBy'),
    ...boolSetting(flags, 'skip-contents', 'skipContents'),
    ...boolSetting(flags, 'skip-bz2', 'skipBz2'),
    ...boolSetting(flags, 'multi-dist', 'multiDist'),
  };
}

function textSetting<Key extends string>(
  flags: FlagValues,
  flag: string,
  key: Key,
): Partial<Record<Key, string>> {
  const value = stringFlag(flags, flag);
  return value === undefined ? {} : ({ [key]: value } as Record<Key, string>);
}

function boolSetting<Key extends string>(
  flags: FlagValues,
  flag: string,
  key: Key,
): Partial<Record<Key, boolean>> {
  const value = flags.get(flag);
  return typeof value === 'boolean' ? ({ [key]: value } as Record<Key, boolean>) : {};
}
