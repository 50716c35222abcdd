import { sourcesListLines } from '../../aptly/objects/publication-text.ts';
import type { EspejoConfig } from '../../config/config.ts';
import { parseLocation } from '../../publish/publication-place.ts';
import { type NewPublication, publishNew } from '../../publish/publish-new.ts';
import { boolFlag, type FlagValues, type Handler, stringFlag } from '../command.ts';
import { withTally } from '../session.ts';
import { architecturesOf } from './dependency-flags.ts';
import { publishingOptions } from './publishing.ts';
import { componentsOf } from './staging.ts';

/** The handler of `publish snapshot` and `publish repo` (spec/cli.md 7.1). */
export function publishingHandler(sourceKind: NewPublication['sourceKind']): Handler {
  return async (invocation) => {
    const { args, flags } = invocation;
    const components = componentsOf(flags);
    const names = args.slice(0, components.length);
    const location = parseLocation(args[components.length] ?? '');
    const { publication, directory } = await withTally(invocation, async (app, job) => {
      const request = {
        sourceKind,
        names,
        components,
        location,
        settings: settingsOf(flags, app.config),
        ...publishingOptions(invocation, app, job),
      };
      const publication = await publishNew(app, request, job);
      return { publication, directory: app.endpoints.of(publication.storage).directory ?? '' };
    });
    const sources = sourceKind === 'local' ? 'Local repo' : 'Snapshot';
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
  };
}

function settingsOf(flags: FlagValues, config: EspejoConfig): NewPublication['settings'] {
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
