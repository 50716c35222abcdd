import { printable } from '../core/redact.ts';
import type { SitePublication } from './site-facts.ts';

export type SourcesLines = {
  /** For `/etc/apt/sources.list.d/*.list`, with the key named (apt 1.1 and later, xenial among them); a line for each type. */
  readonly oneLine: string;
  /** The same without options: for a key in `/etc/apt/trusted.gpg.d`. */
  readonly plainLine: string;
  /** For `/etc/apt/sources.list.d/*.sources` (apt 1.1 and later); ends with a line break. */
  readonly deb822: string;
};

/**
 * What a client writes into its sources to use a publication.
 * @param baseUrl URL of the root of the published tree, with or without a slash at its end
 * @param keyPath where the binary key lies on the client; undefined: the publication is not signed, and the lines say
 *   `trusted=yes`, because apt would refuse it otherwise
 */
export function sourcesLines(
  publication: Pick<SitePublication, 'prefix' | 'distribution' | 'components' | 'architectures'>,
  baseUrl: string,
  keyPath: string | undefined,
): SourcesLines {
  const url = archiveUrl(publication.prefix, baseUrl);
  const suite = printable(publication.distribution);
  const components = publication.components.map(printable).join(' ');
  const place = [url, suite, components].filter((part) => part !== '').join(' ');
  const option = keyPath === undefined ? 'trusted=yes' : `signed-by=${keyPath}`;
  const types = typesOf(publication.architectures);
  const fields = [
    `Types: ${types.join(' ')}`,
    `URIs: ${url}`,
    `Suites: ${suite}`,
    ...(components === '' ? [] : [`Components: ${components}`]),
    keyPath === undefined ? 'Trusted: yes' : `Signed-By: ${keyPath}`,
  ];
  const line = (options: string): string => types.map((type) => `${type} ${options}${place}`).join('\n');
  return {
    oneLine: line(`[${option}] `),
    plainLine: line(keyPath === undefined ? `[${option}] ` : ''),
    deb822: `${fields.join('\n')}\n`,
  };
}

/** Binary packages unless there is nothing but sources. */
function typesOf(architectures: readonly string[]): readonly string[] {
  const hasSources = architectures.includes('source');
  const hasBinaries = architectures.length === 0 || architectures.some((one) => one !== 'source');
  return [...(hasBinaries ? ['deb'] : []), ...(hasSources ? ['deb-src'] : [])];
}

/** The URL that stands before `dists/`, without a slash at its end. */
export function archiveUrl(prefix: string, baseUrl: string): string {
  const segments = prefix.split('/').filter((segment) => segment !== '' && segment !== '.');
  return [baseUrl.replace(/\/+$/, ''), ...segments.map(encodeURIComponent)].join('/');
}
