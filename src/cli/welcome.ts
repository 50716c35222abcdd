import type { App } from '../app/app.ts';
import { siteFacts } from '../app/site.ts';
import type { SiteFacts } from '../http/site-facts.ts';
import { sourcesLines } from '../http/sources-lines.ts';

/** What a person needs to use the mirror: the line that installs the key, and the lines for sources.list. */
export async function welcomeLines(app: App): Promise<(url: string) => readonly string[]> {
  const facts = await siteFacts(app);
  const keyPath = facts.key === undefined ? undefined : 'unused';
  return (url) => {
    const base = facts.publicUrl ?? url;
    const sources = facts.publications.map((one) => sourcesLines(one, base, keyPath).plainLine);
    return [
      ...serverLines(facts, url),
      ...(sources.length === 0
        ? ['nothing is published yet']
        : ['', '# and use it, in /etc/apt/sources.list:', ...sources]),
    ];
  };
}

/** Where the server is, and the line that installs its key. */
export function serverLines(
  { key, publicUrl }: Pick<SiteFacts, 'key' | 'publicUrl'>,
  url: string,
): readonly string[] {
  if (key === undefined) return [`serving ${url}`];
  return [
    `serving ${url}`,
    '',
    '# trust its key, on a client:',
    `curl -fsS ${(publicUrl ?? url).replace(/\/$/, '')}/espejo.gpg -o /etc/apt/trusted.gpg.d/espejo.gpg`,
  ];
}
