import type { App } from '../app/app.ts';
import { siteFacts } from '../http/site.ts';
import type { SiteFacts, SitePublication } from '../http/site-facts.ts';
import { keyringPathOf, keysInUse, placeOfKey } from '../http/site-keys.ts';
import { sourcesLines } from '../http/sources-lines.ts';

/** What a person needs to use the mirror: the lines that install its keys, and the lines for sources.list. */
export async function welcomeLines(app: App): Promise<(url: string) => readonly string[]> {
  const facts = await siteFacts(app);
  return (url) => {
    const base = facts.publicUrl ?? url;
    const sources = facts.publications.map((one) => sourceLine(one, facts, base));
    return [
      `serving ${url}`,
      ...keyLines(facts, base),
      ...(sources.length === 0
        ? ['nothing is published yet']
        : ['', '# and use it, in /etc/apt/sources.list:', ...sources.flat()]),
    ];
  };
}

/** A key that is to be got elsewhere is named in the line; where it lies in trusted.gpg.d nothing has to be said. */
function sourceLine(publication: SitePublication, { key }: SiteFacts, base: string): readonly string[] {
  const lines = sourcesLines(publication, base, keyringPathOf(publication, key));
  return (publication.signature.kind === 'unknown' ? lines.oneLine : lines.plainLine).split('\n');
}

/**
 * The lines that install the keys of what is published, each once; espejo's own while nothing is.
 * @param base URL of the root of the published tree, as clients reach it: the one that the lines of sources.list name
 */
export function keyLines(facts: Pick<SiteFacts, 'key' | 'publications'>, base: string): readonly string[] {
  const { key, publications } = facts;
  const own = key === undefined ? [] : [placeOfKey(key, key, base)];
  const places = publications.length === 0 ? own : keysInUse(facts, base);
  const lines = places.map(({ binaryUrl, trustedPath }) => `curl -fsS ${binaryUrl} -o ${trustedPath}`);
  if (lines.length === 0) return [];
  return ['', `# trust its key${lines.length === 1 ? '' : 's'}, on a client:`, ...lines];
}
