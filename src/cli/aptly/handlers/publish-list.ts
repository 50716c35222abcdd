import {
  publicationListJson,
  publicationListLines,
  publicationRawLines,
} from '../../../aptly/objects/publication-text.ts';
import { allPublications } from '../../../catalog/publication-sources.ts';
import { renderGoJson } from '../../../go/go-json.ts';
import { boolFlag, type Handler } from '../../command.ts';
import { withApp } from '../../session.ts';

/** `publish list` (spec/cli.md 7.3). */
export const run: Handler = async (invocation) => {
  const { flags, root } = invocation;
  const facts = await withApp(invocation, allPublications);
  if (boolFlag(flags, 'json')) return { lines: renderGoJson(publicationListJson(facts), 2).split('\n') };
  if (boolFlag(flags, 'raw'))
    return { lines: publicationRawLines(facts.map(({ publication }) => publication)) };
  return { lines: publicationListLines(facts, root.name) };
};
