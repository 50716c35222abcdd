import { sourcesOf } from '../../../app/library/publication-sources.ts';
import { renderGoJson } from '../../../aptly/go-json.ts';
import {
  publicationListJson,
  publicationListLines,
  publicationRawLines,
} from '../../../aptly/objects/publication-text.ts';
import { boolFlag, type Handler } from '../../command.ts';
import { withApp } from '../../session.ts';

/** `publish list` (cli.md 7.3). */
export const run: Handler = async (invocation) => {
  const { flags, root } = invocation;
  const facts = await withApp(invocation, async (app) => {
    const publications = await app.catalog.objects.all('publication');
    return await Promise.all(
      publications.map(async (publication) => ({ publication, sources: await sourcesOf(app, publication) })),
    );
  });
  if (boolFlag(flags, 'json')) return { lines: renderGoJson(publicationListJson(facts), 2).split('\n') };
  if (boolFlag(flags, 'raw'))
    return { lines: publicationRawLines(facts.map(({ publication }) => publication)) };
  return { lines: publicationListLines(facts, root.name) };
};
