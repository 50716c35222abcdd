import { hostname } from 'node:os';
import { serve } from '../../app/daemon.ts';
import { sourcesListLines } from '../../aptly/objects/publication-text.ts';
import { type PublicationFacts, publicationText } from '../../catalog/labels.ts';
import { compareBytes } from '../../core/compare-bytes.ts';
import { siteFacts } from '../../http/site.ts';
import { listPublications } from '../../publish/publication-place.ts';
import { type Handler, stringFlag } from '../command.ts';
import { openJournal } from '../journal.ts';
import { onReloadOrder } from '../reload-orders.ts';
import { withAppToServe } from '../session.ts';
import { keyLines } from '../welcome.ts';

/** `serve` (spec/cli.md 11): aptly's lines for every publication, then where the server is and how its key is trusted. */
export const run: Handler = async (invocation) => {
  const { flags, signal, cwd, print } = invocation;
  return await withAppToServe(invocation, async (app, withoutCatalog) => {
    const publications = await listPublications(app);
    if (!withoutCatalog && publications.length === 0 && app.config.publications.length === 0)
      return { lines: ['No published repositories, unable to serve.'] };
    const facts = await siteFacts(app);
    const listen = stringFlag(flags, 'listen') ?? app.config.server.listen;
    const { journal, follow } = openJournal(invocation, app.config.aptly);
    await serve(app, {
      listen: stringFlag(flags, 'listen'),
      cwd,
      journal,
      signal,
      onReloadOrder,
      onReload: ({ aptly }) => follow(aptly),
      onListening: (url) => {
        const base = app.config.server.publicUrl ?? addressForOthers(url, listen);
        const lines = [...recommendedLines(publications, base), `serving ${url}`, ...keyLines(facts, base)];
        if (publications.length === 0 && !withoutCatalog) lines.push('nothing is published yet');
        print(`${lines.join('\n')}\n`);
      },
    });
    return { lines: [] };
  });
};

/** The name of the machine when the server listens on all its addresses; with a slash at the end. */
function addressForOthers(url: string, listen: string): string {
  const named = listen.startsWith(':') ? url.replace('//localhost:', `//${hostname()}:`) : url;
  return named.endsWith('/') ? named : `${named}/`;
}

function recommendedLines(publications: readonly PublicationFacts[], base: string): readonly string[] {
  if (publications.length === 0) return [];
  const blocks = publications
    .map((facts) => ({ text: publicationText(facts), lines: sourcesListLines(facts.publication, base) }))
    .toSorted((a, b) => compareBytes(a.text, b.text))
    .flatMap(({ text, lines }) => [`# ${text}`, ...lines]);
  return ['Serving published repositories, recommended apt sources list:', '', ...blocks, ''];
}
