import { publicationText } from '../../../catalog/labels.ts';
import { sourcesOf } from '../../../catalog/publication-sources.ts';
import { parseLocation } from '../../../publish/publication-place.ts';
import { updatePublication } from '../../../publish/publish-change.ts';
import { boolFlag, type Handler } from '../../command.ts';
import { withTally } from '../../session.ts';
import { changedSettings, publishingOptions } from '../publishing.ts';

/** `publish update` (spec/cli.md 7.6). */
export const run: Handler = async (invocation) => {
  const { args, flags } = invocation;
  const [distribution = '', location = '.'] = args;
  const { publication, text } = await withTally(invocation, async (app, job) => {
    const change = {
      identity: { ...parseLocation(location), distribution },
      settings: changedSettings(flags),
      skipCleanup: boolFlag(flags, 'skip-cleanup'),
      ...publishingOptions(invocation, app, job),
    };
    const publication = await updatePublication(app, change, job);
    const text = publicationText({ publication, sources: await sourcesOf(app, publication) });
    return { publication, text };
  });
  return {
    lines: ['', `Published ${publication.sourceKind} repository ${text} has been updated successfully.`],
  };
};
