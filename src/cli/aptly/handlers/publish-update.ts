import { parseLocation } from '../../../app/library/publication-place.ts';
import { sourcesOf } from '../../../app/library/publication-sources.ts';
import { updatePublication } from '../../../app/library/publish-change.ts';
import { publicationText } from '../../../aptly/objects/publication-text.ts';
import { boolFlag, type Handler } from '../../command.ts';
import { withTally } from '../../session.ts';
import { changedSettings, publishingOptions } from '../publishing.ts';

/** `publish update` (cli.md 7.6). */
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
