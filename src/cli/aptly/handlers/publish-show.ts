import { publicationJson, publicationShowLines } from '../../../aptly/objects/publication-text.ts';
import { sourcesOf } from '../../../catalog/publication-sources.ts';
import { renderGoJson } from '../../../go/go-json.ts';
import { findPublication, parseLocation } from '../../../publish/publication-place.ts';
import { boolFlag, type Handler } from '../../command.ts';
import { withApp } from '../../session.ts';
import { unable } from '../unable.ts';

/** `publish show` (spec/cli.md 7.4). */
export const run: Handler = async (invocation) => {
  const { args, flags } = invocation;
  const [distribution = '', location = '.'] = args;
  const facts = await withApp(invocation, (app) =>
    unable('unable to show', async () => {
      const publication = await findPublication(app, { ...parseLocation(location), distribution });
      return { publication, sources: await sourcesOf(app, publication) };
    }),
  );
  if (boolFlag(flags, 'json')) return { lines: renderGoJson(publicationJson(facts), 2).split('\n') };
  return { lines: publicationShowLines(facts) };
};
