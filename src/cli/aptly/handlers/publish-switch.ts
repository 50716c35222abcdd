import { publicationText } from '../../../catalog/labels.ts';
import { sourcesOf } from '../../../catalog/publication-sources.ts';
import { parseLocation } from '../../../publish/publication-place.ts';
import { switchPublication } from '../../../publish/publish-change.ts';
import { boolFlag, type Handler } from '../../command.ts';
import { withTally } from '../../session.ts';
import { changedSettings, publishingOptions } from '../publishing.ts';
import { componentsOf } from '../staging.ts';

/** `publish switch` (spec/cli.md 7.5). */
export const run: Handler = async (invocation) => {
  const { args, flags } = invocation;
  const [distribution = '', ...rest] = args;
  const components = componentsOf(flags);
  const hasLocation = rest.length === components.length + 1;
  const [location = '.', ...names] = hasLocation ? rest : ['.', ...rest];
  const text = await withTally(invocation, async (app, job) => {
    const change = {
      identity: { ...parseLocation(location), distribution },
      components,
      names,
      settings: changedSettings(flags),
      skipCleanup: boolFlag(flags, 'skip-cleanup'),
      ...publishingOptions(invocation, app, job),
    };
    const publication = await switchPublication(app, change, job);
    return publicationText({ publication, sources: await sourcesOf(app, publication) });
  });
  return {
    lines: ['', `Published snapshot repository ${text} has been successfully switched to new source.`],
  };
};
