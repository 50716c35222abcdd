import {
  type PublicationFacts,
  publicationPath,
  publicationText,
  storagePrefix,
} from '../../catalog/labels.ts';
import type { PublicationObject } from '../../catalog/objects.ts';
import { compareBytes } from '../../core/compare-bytes.ts';
import type { GoJson } from '../../go/go-json.ts';
import { sourceLine, sourceWord } from './source.ts';

/** `publish list`, sorted by text. */
export function publicationListLines(
  publications: readonly PublicationFacts[],
  program: string,
): readonly string[] {
  if (publications.length === 0) {
    return [
      `No snapshots/local repos have been published. Publish a snapshot by running \`${program} publish snapshot ...\`.`,
    ];
  }
  const texts = publications.map(publicationText).toSorted(compareBytes);
  return ['Published repositories:', ...texts.map((text) => `  * ${text}`)];
}

/** `publish list -raw`: `<storage prefix> <distribution>`, sorted. */
export function publicationRawLines(publications: readonly PublicationObject[]): readonly string[] {
  return publications
    .map((publication) => `${storagePrefix(publication)} ${publication.distribution}`)
    .toSorted(compareBytes);
}

/** `publish show` (spec/cli.md 7.4). */
export function publicationShowLines({ publication, sources }: PublicationFacts): readonly string[] {
  const { storage, prefix, distribution, architectures } = publication;
  return [
    ...(storage === '' ? [] : [`Storage: ${storage}`]),
    `Prefix: ${prefix}`,
    `Distribution: ${distribution}`,
    `Architectures: ${architectures.join(' ')}`,
    'Sources:',
    ...sources.map(([component, source]) => `  ${component}: ${sourceLine(source)}`),
  ];
}

/** The object of `publish show -json`, `publish list -json` and the API: keys in alphabetical order (spec/cli.md 7.3). */
export function publicationJson({ publication, sources }: PublicationFacts): GoJson {
  return {
    AcquireByHash: publication.acquireByHash,
    Architectures: publication.architectures.length === 0 ? null : publication.architectures,
    ButAutomaticUpgrades: publication.butAutomaticUpgrades,
    Codename: publication.codename,
    Distribution: publication.distribution,
    Label: publication.label,
    MultiDist: publication.multiDist,
    NotAutomatic: publication.notAutomatic,
    Origin: publication.origin,
    Path: publicationPath(publication),
    Prefix: publication.prefix,
    SignedBy: publication.signedBy,
    SkipContents: publication.skipContents,
    SourceKind: sourceWord(publication.sourceKind),
    Sources: sources.map(([Component, { object }]) => ({ Component, Name: object.name })),
    Storage: publication.storage,
    Suite: publication.suite,
    Version: publication.version,
  };
}

/** `publish list -json`: the objects sorted by path. */
export function publicationListJson(publications: readonly PublicationFacts[]): readonly GoJson[] {
  return publications
    .toSorted((a, b) => compareBytes(publicationPath(a.publication), publicationPath(b.publication)))
    .map(publicationJson);
}

/**
 * `publish source list` (spec/cli.md 7.8).
 * @param staged component to name of the source
 */
export function stagedLines(
  { sourceKind }: Pick<PublicationObject, 'sourceKind'>,
  staged: Readonly<Record<string, string>>,
): readonly string[] {
  return [
    'Sources:',
    ...stagedEntries(staged).map(
      ([component, name]) => `  ${component}: ${name} [${sourceWord(sourceKind)}]`,
    ),
  ];
}

export function stagedJson(staged: Readonly<Record<string, string>>): readonly GoJson[] {
  return stagedEntries(staged).map(([Component, Name]) => ({ Component, Name }));
}

/**
 * The lines for sources.list that publishing and serving print (spec/cli.md 7.2, 11).
 * @param base URL of the public directory with its final slash: `http://your-server/`
 */
export function sourcesListLines(publication: PublicationObject, base: string): readonly string[] {
  const { prefix, distribution, architectures } = publication;
  const components = Object.keys(publication.sources).toSorted(compareBytes).join(' ');
  const rest = `${base}${prefix === '.' ? '' : `${prefix}/`} ${distribution} ${components}`;
  return [`deb ${rest}`, ...(architectures.includes('source') ? [`deb-src ${rest}`] : [])];
}

function stagedEntries(staged: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(staged).toSorted(([a], [b]) => compareBytes(a, b));
}
