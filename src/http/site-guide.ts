import { printable } from '../core/redact.ts';
import type { SiteFacts, SiteKey, SitePublication } from './site-facts.ts';
import { type KeyPlace, type KeyUse, keyringPathOf, keysInUse, placeOfKey } from './site-keys.ts';
import { countOf, formatFingerprint, formatTime } from './site-wording.ts';
import { archiveUrl, sourcesLines } from './sources-lines.ts';

/** A piece of the guide; texts are plain, without markup. */
export type GuideBlock =
  | { readonly kind: 'heading'; readonly level: 2 | 3; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'facts'; readonly rows: readonly (readonly [label: string, value: string])[] }
  | { readonly kind: 'link'; readonly text: string; readonly url: string };

/** What a person has to know and do to use this mirror, the same for the page and for the text. */
export function siteGuide(facts: SiteFacts, baseUrl: string): readonly GuideBlock[] {
  const base = baseUrl.replace(/\/+$/, '');
  if (facts.publications.length === 0) {
    const nothing = 'Nothing is published yet. Run a sync; this page then tells how to use the mirror.';
    const own = facts.key === undefined ? [] : keyRows(placeOfKey(facts.key, facts.key, base));
    return [{ kind: 'text', text: nothing }, ...elsewhereBlocks(facts), ...own];
  }
  const uses = keysInUse(facts, base);
  return [
    { kind: 'text', text: `A mirror of Debian packages for apt: ${summary(facts.publications)}.` },
    ...uses.flatMap((use) => keyBlocks(use, uses.length > 1)),
    ...facts.publications.flatMap((publication) => publicationBlocks(publication, base, facts.key)),
    ...elsewhereBlocks(facts),
  ];
}

/** Whoever looks for a publication here should learn that it exists. */
function elsewhereBlocks({ elsewhere = [] }: SiteFacts): readonly GuideBlock[] {
  if (elsewhere.length === 0) return [];
  const names = elsewhere.map(printable).join(', ');
  return [{ kind: 'text', text: `Published in other directories, which are not served here: ${names}.` }];
}

function summary(publications: readonly SitePublication[]): string {
  const packages = publications.reduce((sum, publication) => sum + publication.packages, 0);
  return `${countOf(publications.length, 'publication')}, ${countOf(packages, 'package')}`;
}

/** The option keeps apt-helper from the warning that its download user may not write there. */
const aptHelper = '/usr/lib/apt/apt-helper -o APT::Sandbox::User=root download-file';

function keyBlocks(use: KeyUse, isOneOfSeveral: boolean): readonly GuideBlock[] {
  const { binaryUrl, keyringPath, trustedPath, publications } = use;
  const names = publications.map(nameOf).join(', ');
  return [
    { kind: 'heading', level: 2, text: isOneOfSeveral ? `Install the key of ${names}` : 'Install the key' },
    ...keyRows(use),
    {
      kind: 'code',
      text: `sudo install -d -m 0755 /etc/apt/keyrings\ncurl -fsSL ${binaryUrl} | sudo tee ${keyringPath} >/dev/null`,
    },
    { kind: 'text', text: 'Without curl, with what every apt since xenial brings:' },
    { kind: 'code', text: `sudo ${aptHelper} ${binaryUrl} ${keyringPath}` },
    {
      kind: 'text',
      text: 'Or, on xenial (apt 1.2), for all lines without signed-by; it must be this binary key, not the armored one:',
    },
    { kind: 'code', text: `curl -fsSL ${binaryUrl} | sudo tee ${trustedPath} >/dev/null` },
    { kind: 'text', text: 'Compare the fingerprint:' },
    { kind: 'code', text: `gpg --with-fingerprint ${keyringPath}` },
  ];
}

function keyRows({ key, binaryUrl, armoredUrl }: KeyPlace): readonly GuideBlock[] {
  return [
    {
      kind: 'facts',
      rows: [
        ['Fingerprint', formatFingerprint(printable(key.fingerprint))],
        ['Binary key', binaryUrl],
        ['Armored key', armoredUrl],
      ],
    },
  ];
}

function publicationBlocks(
  publication: SitePublication,
  base: string,
  own: SiteKey | undefined,
): readonly GuideBlock[] {
  const lines = sourcesLines(publication, base, keyringPathOf(publication, own));
  const isKnown = publication.signature.kind === 'signed';
  return [
    { kind: 'heading', level: 2, text: nameOf(publication) },
    { kind: 'facts', rows: publicationRows(publication) },
    { kind: 'link', text: 'Browse the files', url: distributionUrl(publication, base) },
    ...signatureBlocks(publication, own),
    { kind: 'heading', level: 3, text: 'One line, for /etc/apt/sources.list.d/espejo.list' },
    { kind: 'code', text: lines.oneLine },
    ...(isKnown
      ? ([
          { kind: 'heading', level: 3, text: 'The same with the key in /etc/apt/trusted.gpg.d (xenial)' },
          { kind: 'code', text: lines.plainLine },
        ] as const)
      : []),
    { kind: 'heading', level: 3, text: 'Or deb822, for /etc/apt/sources.list.d/espejo.sources' },
    { kind: 'code', text: lines.deb822.trimEnd() },
  ];
}

/** What a client has to know of the signature beyond the key to install. */
function signatureBlocks(publication: SitePublication, own: SiteKey | undefined): readonly GuideBlock[] {
  const { signature } = publication;
  switch (signature.kind) {
    case 'unsigned':
      return [
        {
          kind: 'text',
          text: 'This publication is not signed: there is no key for it. The lines below say trusted=yes, so that apt checks nothing.',
        },
      ];
    case 'unknown': {
      const ids = signature.keyIds.map((id) => formatFingerprint(printable(id))).join(', ');
      const signers = ids === '' ? 'in a way' : `by the key ${ids}`;
      const place = keyringPathOf(publication, own) ?? '';
      return [
        {
          kind: 'text',
          text: `This publication is signed ${signers} that cannot be verified here: ${printable(signature.reason)}. Get the key from whoever signs it, compare its fingerprint, and put it, in its binary form, where the lines below look for it: ${place}`,
        },
      ];
    }
    case 'signed':
      return signature.keys.flatMap(({ fingerprint, doubt }) =>
        doubt === undefined
          ? []
          : [
              {
                kind: 'text',
                text: `Newer clients may refuse the signature of ${formatFingerprint(printable(fingerprint))}: ${printable(doubt)}.`,
              } as const,
            ],
      );
  }
}

function nameOf({ prefix, distribution }: SitePublication): string {
  return printable(`${prefix === '.' ? '' : `${prefix} `}${distribution}`);
}

function publicationRows(publication: SitePublication): readonly (readonly [string, string])[] {
  return [
    ...(publication.label === undefined ? [] : [['Label', printable(publication.label)] as const]),
    ['Packages', publication.packages.toLocaleString('en-US')],
    ['Components', publication.components.map(printable).join(' ')],
    ['Architectures', publication.architectures.map(printable).join(' ')],
    ['Signed by', signersOf(publication)],
    ['Last update', formatTime(publication.updatedAt)],
  ];
}

function signersOf({ signature }: SitePublication): string {
  switch (signature.kind) {
    case 'unsigned':
      return 'nobody';
    case 'unknown':
      return signature.keyIds.map((id) => formatFingerprint(printable(id))).join(', ') || 'unknown';
    case 'signed':
      return signature.keys.map(({ fingerprint }) => formatFingerprint(printable(fingerprint))).join(', ');
  }
}

function distributionUrl(publication: SitePublication, base: string): string {
  const distribution = publication.distribution.split('/').map(encodeURIComponent).join('/');
  return `${archiveUrl(publication.prefix, base)}/dists/${distribution}/`;
}
