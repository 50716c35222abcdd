import type { App } from '../app/app.ts';
import { siteFacts } from '../app/site.ts';
import { sourcesLines } from '../http/sources-lines.ts';

/** What a person needs to use the mirror: the line that installs the key, and the line for sources.list. */
export async function welcomeLines(app: App): Promise<(url: string) => readonly string[]> {
  const { publications, key, publicUrl } = await siteFacts(app);
  return (url) => {
    const base = publicUrl ?? url;
    const keyLines =
      key === undefined
        ? []
        : [
            '',
            '# trust its key, on a client:',
            `curl -fsS ${base.replace(/\/$/, '')}/espejo.gpg -o /etc/apt/trusted.gpg.d/espejo.gpg`,
          ];
    const sources = publications.flatMap(
      (one) => sourcesLines(one, base, key === undefined ? undefined : 'unused').plainLine,
    );
    return [
      `serving ${url}`,
      ...keyLines,
      ...(sources.length === 0
        ? ['nothing is published yet']
        : ['', '# and use it, in /etc/apt/sources.list:', ...sources]),
    ];
  };
}
