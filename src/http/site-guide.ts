import { printable } from '../core/redact.ts';
import type { SiteFacts, SiteKey, SitePublication } from './site-facts.ts';
import { countOf, formatFingerprint, formatTime } from './site-wording.ts';
import { archiveUrl, sourcesLines } from './sources-lines.ts';

/** A piece of the guide; texts are plain, without markup. */
export type GuideBlock =
  | { readonly kind: 'heading'; readonly level: 2 | 3; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'facts'; readonly rows: readonly (readonly [label: string, value: string])[] }
  | { readonly kind: 'link'; readonly text: string; readonly url: string };

/** Where the guide puts the binary key on a client, for `signed-by`. */
const clientKeyPath = '/etc/apt/keyrings/espejo.gpg';

/** Where it lies to be trusted for lines without `signed-by`; apt of xenial reads only binary `*.gpg` there. */
const trustedKeyPath = '/etc/apt/trusted.gpg.d/espejo.gpg';

/** What a person has to know and do to use this mirror, the same for the page and for the text. */
export function siteGuide(facts: SiteFacts, baseUrl: string): readonly GuideBlock[] {
  const base = baseUrl.replace(/\/+$/, '');
  if (facts.publications.length === 0) {
    return [
      {
        kind: 'text',
        text: 'Nothing is published yet. Run a sync; this page then tells how to use the mirror.',
      },
      ...keyFacts(facts.key, base),
    ];
  }
  return [
    { kind: 'text', text: `A mirror of Debian packages for apt: ${summary(facts.publications)}.` },
    ...keyBlocks(facts.key, base),
    ...facts.publications.flatMap((publication) => publicationBlocks(publication, base, facts.key)),
  ];
}

function summary(publications: readonly SitePublication[]): string {
  const packages = publications.reduce((sum, publication) => sum + publication.packages, 0);
  return `${countOf(publications.length, 'publication')}, ${countOf(packages, 'package')}`;
}

function keyBlocks(key: SiteKey | undefined, base: string): readonly GuideBlock[] {
  const heading: GuideBlock = { kind: 'heading', level: 2, text: 'Install the key' };
  if (key === undefined) {
    return [
      heading,
      {
        kind: 'text',
        text: 'This mirror does not sign what it publishes: there is no key. The lines below say trusted=yes, so apt checks nothing.',
      },
    ];
  }
  const url = `${base}/espejo.gpg`;
  return [
    heading,
    ...keyFacts(key, base),
    {
      kind: 'code',
      text: `sudo install -d -m 0755 /etc/apt/keyrings\ncurl -fsSL ${url} | sudo tee ${clientKeyPath} >/dev/null`,
    },
    { kind: 'text', text: 'Without curl, with what every apt since xenial brings:' },
    { kind: 'code', text: `sudo /usr/lib/apt/apt-helper download-file ${url} ${clientKeyPath}` },
    {
      kind: 'text',
      text: 'Or, on xenial (apt 1.2), for all lines without signed-by; it must be this binary key, not the armored one:',
    },
    { kind: 'code', text: `curl -fsSL ${url} | sudo tee ${trustedKeyPath} >/dev/null` },
    { kind: 'text', text: 'Compare the fingerprint:' },
    { kind: 'code', text: `gpg --with-fingerprint ${clientKeyPath}` },
  ];
}

function keyFacts(key: SiteKey | undefined, base: string): readonly GuideBlock[] {
  if (key === undefined) return [];
  return [
    {
      kind: 'facts',
      rows: [
        ['Fingerprint', formatFingerprint(printable(key.fingerprint))],
        ['Binary key', `${base}/espejo.gpg`],
        ['Armored key', `${base}/espejo.asc`],
      ],
    },
  ];
}

function publicationBlocks(
  publication: SitePublication,
  base: string,
  key: SiteKey | undefined,
): readonly GuideBlock[] {
  const lines = sourcesLines(publication, base, key === undefined ? undefined : clientKeyPath);
  const place = publication.prefix === '.' ? '' : `${publication.prefix} `;
  return [
    { kind: 'heading', level: 2, text: printable(`${place}${publication.distribution}`) },
    { kind: 'facts', rows: publicationRows(publication) },
    { kind: 'link', text: 'Browse the files', url: distributionUrl(publication, base) },
    { kind: 'heading', level: 3, text: 'One line, for /etc/apt/sources.list.d/espejo.list' },
    { kind: 'code', text: lines.oneLine },
    ...(key === undefined
      ? []
      : ([
          { kind: 'heading', level: 3, text: 'The same with the key in /etc/apt/trusted.gpg.d (xenial)' },
          { kind: 'code', text: lines.plainLine },
        ] as const)),
    { kind: 'heading', level: 3, text: 'Or deb822, for /etc/apt/sources.list.d/espejo.sources' },
    { kind: 'code', text: lines.deb822.trimEnd() },
  ];
}

function publicationRows(publication: SitePublication): readonly (readonly [string, string])[] {
  return [
    ...(publication.label === undefined ? [] : [['Label', printable(publication.label)] as const]),
    ['Packages', publication.packages.toLocaleString('en-US')],
    ['Components', publication.components.map(printable).join(' ')],
    ['Architectures', publication.architectures.map(printable).join(' ')],
    ['Last update', formatTime(publication.updatedAt)],
  ];
}

function distributionUrl(publication: SitePublication, base: string): string {
  const distribution = publication.distribution.split('/').map(encodeURIComponent).join('/');
  return `${archiveUrl(publication.prefix, base)}/dists/${distribution}/`;
}
