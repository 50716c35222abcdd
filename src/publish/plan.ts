import type { GenerationSettings, PackageRecord, PublicationPlace } from '../catalog/contract.ts';
import { sha256Hex } from '../core/digest.ts';
import { EspejoError, isEspejoError } from '../core/errors.ts';
import { aptProblem, aptProblemText } from '../deb/apt-syntax.ts';
import { BinaryPackage, SourcePackage } from '../deb/package.ts';
import { publishedPoolDirectory } from '../deb/paths.ts';
import { publishedFileName } from '../deb/published-name.ts';
import { comparePackages, publishedValue } from '../deb/render-index.ts';
import { isSamePackage } from '../packages/record.ts';

/** A package in its place below a publication's prefix. */
export type PlacedPackage = {
  readonly record: PackageRecord;
  /** Relative to the prefix: `pool/main/n/nginx`. */
  readonly directory: string;
  /** Each file: relative to the prefix, and where the pool has it. */
  readonly files: readonly PlacedFile[];
};

export type PlacedFile = {
  readonly path: string;
  readonly poolPath: string;
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
};

export type PlannedComponent = {
  readonly name: string;
  /** In the order of an index. */
  readonly packages: readonly PlacedPackage[];
  /** Installer images; they lie beside the indexes. */
  readonly installers: readonly PackageRecord[];
  /** What apt refuses of the packages of published architectures; whether they are published all the same is a setting. */
  readonly refused: readonly RefusedPackage[];
  /** Labels of what is left out, since its architecture is not published. */
  readonly notPublished: readonly string[];
};

/** A package that apt refuses, and why; whether it is published all the same. */
export type RefusedPackage = {
  readonly label: string;
  readonly reason: string;
  readonly isPublished: boolean;
};

/** Changes when the same inputs would be rendered to other bytes, so that an upgrade of espejo publishes anew. */
const rendererVersion = 3;

/** The identity of what clients would see: equal content and settings, equal id, on every machine. */
export function inputIdOf(
  components: readonly { readonly name: string; readonly list: string }[],
  settings: GenerationSettings,
): string {
  const parts = components.map(({ name, list }) => [name, list]);
  return sha256Hex(JSON.stringify([rendererVersion, parts, settings]));
}

/** What one suite of a mirror gives to a component of a publication. */
export type Contribution = {
  readonly mirror: string;
  readonly suite: string;
  readonly records: readonly PackageRecord[];
};

/** A package of a suite in whose place the publication has that of an earlier suite. */
export type Overruled = {
  readonly label: string;
  readonly mirror: string;
  readonly used: string;
  readonly left: string;
};

/**
 * One record for each name, version and architecture of a component: suites may describe one package in slightly
 * different words, and the first one's are used. Where suites of one mirror have different files of it, the first counts
 * too, as in the mirror itself; nobody has said which of two mirrors comes first.
 * @throws E_PUBLISH_CONFLICT when two mirrors have different packages
 */
export function withoutRepeats(
  component: string,
  contributions: readonly Contribution[],
): { readonly records: readonly PackageRecord[]; readonly overruled: readonly Overruled[] } {
  const chosen = new Map<string, { readonly record: PackageRecord; readonly from: Contribution }>();
  const overruled: Overruled[] = [];
  for (const from of contributions) {
    for (const record of from.records) {
      const identity = `${record.architecture} ${record.name} ${record.version}`;
      const earlier = chosen.get(identity);
      if (earlier === undefined) chosen.set(identity, { record, from });
      else if (!isSamePackage(earlier.record, record)) {
        const label = `${record.name}_${record.version}_${record.architecture}`;
        if (earlier.from.mirror !== from.mirror || earlier.from === from)
          throw conflict(component, label, [earlier.from.mirror, from.mirror]);
        overruled.push({ label, mirror: from.mirror, used: earlier.from.suite, left: from.suite });
      }
    }
  }
  return { records: [...chosen.values()].map(({ record }) => record), overruled };
}

/** The part of the published pool that a component has: `main`, or `<distribution>/main` (semantics 7.3). */
export function poolOf(
  { distribution }: Pick<PublicationPlace, 'distribution'>,
  { multiDist }: Pick<GenerationSettings, 'multiDist'>,
  component: string,
): string {
  return multiDist ? `${distribution}/${component}` : component;
}

/** A component, its part of the published pool ({@link poolOf}) and what {@link placePackages} places apart. */
type ComponentPlace = { readonly name: string; readonly pool: string; readonly apart?: readonly string[] };

/**
 * Puts the packages of a component into their places. Those of architectures that are not published are left out, and so
 * are those that apt refuses, unless the settings say otherwise.
 * @throws E_CATALOG
 */
export function planComponent(
  { name, pool, apart }: ComponentPlace,
  records: readonly PackageRecord[],
  { architectures, unparseable = false }: Pick<GenerationSettings, 'architectures' | 'unparseable'>,
): PlannedComponent {
  const isIn = (record: PackageRecord): boolean => isPublished(record, architectures);
  const placed = placePackages(pool, records.toSorted(comparePackages), apart);
  const refused: RefusedPackage[] = [];
  const packages = placed.filter(({ record }) => {
    if (!isIn(record)) return false;
    const refusal = refusalOf(record);
    if (refusal === undefined) return true;
    const isPublished = unparseable && refusal.isRenderable;
    refused.push({ label: labelOf(record), reason: refusal.reason, isPublished });
    return isPublished;
  });
  return {
    name,
    packages,
    installers: records.filter((record) => record.kind === 'installer' && isIn(record)),
    refused,
    notPublished: records.filter((record) => !isIn(record)).map(labelOf),
  };
}

/** Whether some index of a publication names the package; `all` is in every one but those of sources. */
function isPublished({ architecture }: PackageRecord, published: readonly string[]): boolean {
  if (published.includes(architecture)) return true;
  return architecture === 'all' && published.some((name) => name !== 'source');
}

/**
 * Puts packages into aptly's published pool layout (semantics 7.3), under the names of {@link publishedFileName}. Packages
 * whose files would have one path have directories of their own, all of them, so that none moves when another comes or
 * goes.
 * @param pool see {@link poolOf}
 * @param apart keys of packages that get a directory of their own, named by their content, since something else has
 * their place
 * @throws E_CATALOG
 */
export function placePackages(
  pool: string,
  records: readonly PackageRecord[],
  apart: readonly string[] = [],
): readonly PlacedPackage[] {
  const keysApart = new Set(apart);
  const placed = records.flatMap((record) =>
    record.kind === 'installer'
      ? []
      : [place(pool, record, { kind: record.kind, isApart: keysApart.has(record.key) })],
  );
  const contested = contestedPaths(placed);
  if (contested.size === 0) return placed;
  return placed.map((pkg) => {
    const { kind } = pkg.record;
    const isContested = kind !== 'installer' && pkg.files.some(({ path }) => contested.has(path));
    return isContested ? place(pool, pkg.record, { kind, isApart: true }) : pkg;
  });
}

/** The paths that would be those of different files. */
function contestedPaths(placed: readonly PlacedPackage[]): ReadonlySet<string> {
  const taken = new Map<string, string>();
  const contested = new Set<string>();
  for (const { files } of placed) {
    for (const { path, sha256 } of files) {
      const before = taken.get(path);
      if (before !== undefined && before !== sha256) contested.add(path);
      taken.set(path, sha256);
    }
  }
  return contested;
}

function place(
  pool: string,
  record: PackageRecord,
  { kind, isApart }: { readonly kind: 'deb' | 'udeb' | 'source'; readonly isApart: boolean },
): PlacedPackage {
  const usual = publishedPoolDirectory(pool, sourceNameOf(record, kind));
  const directory = isApart ? `${usual}/${contentTag(record)}` : usual;
  const files = record.files.map(({ name, size, digests: { sha256 }, poolPath }) => {
    if (sha256 === undefined)
      throw new EspejoError('E_CATALOG', `catalog package ${record.key}: its file ${name} has no SHA256`);
    // The files of a source package are named by its .dsc.
    const published = kind === 'source' ? name : publishedFileName(name, record);
    return { path: `${directory}/${published}`, poolPath, name, size, sha256 };
  });
  return { record, directory, files };
}

/** The package itself where its stanza cannot be read. */
function sourceNameOf(record: PackageRecord, kind: 'deb' | 'udeb' | 'source'): string {
  if (kind === 'source') return record.name;
  try {
    return binaryOf(record, kind).source.name;
  } catch (error) {
    if (isEspejoError(error, 'E_INDEX_SYNTAX', 'E_CONTROL_SYNTAX')) return record.name;
    throw error;
  }
}

/** Why apt would refuse a package in an index, and whether there is an index stanza of it at all. */
function refusalOf(
  record: PackageRecord,
): { readonly reason: string; readonly isRenderable: boolean } | undefined {
  const { kind } = record;
  const missing = kind === 'installer' ? undefined : missingColumn(record);
  if (missing !== undefined) return { reason: `${missing}: it is empty`, isRenderable: false };
  try {
    if (kind === 'source') sourceOf(record).stanza.readFields('latin1');
    if (kind !== 'deb' && kind !== 'udeb') return undefined;
    const problem = aptProblem(binaryOf(record, kind).stanza, publishedValue);
    return problem === undefined ? undefined : { reason: aptProblemText(problem), isRenderable: true };
  } catch (error) {
    if (!isEspejoError(error, 'E_CONTROL_SYNTAX')) throw error;
    return { reason: error.message, isRenderable: false };
  }
}

/** Without a name apt refuses the whole index, without a version it does not see the package. */
function missingColumn({ name, version }: PackageRecord): string | undefined {
  if (name === '') return 'Package';
  return version === '' ? 'Version' : undefined;
}

function labelOf({ name, version, architecture }: PackageRecord): string {
  return `${name}_${version}_${architecture}`;
}

/** Part of the SHA-256 of the one file, or of those of several. */
function contentTag({ files }: PackageRecord): string {
  const digests = files.map(({ digests: { sha256 } }) => sha256 ?? '');
  const [only = ''] = digests;
  return (digests.length === 1 ? only : sha256Hex(digests.toSorted().join(' '))).slice(0, 16);
}

/** What a record says of itself: read again each time it is asked for, so that nothing of it is held. */
export function binaryOf(record: PackageRecord, kind: 'deb' | 'udeb'): BinaryPackage {
  return BinaryPackage.kept(record, kind, { what: `catalog package ${record.key}` });
}

/** As {@link binaryOf}. */
export function sourceOf(record: PackageRecord): SourcePackage {
  return SourcePackage.kept(record, { what: `catalog package ${record.key}` });
}

function conflict(component: string, label: string, mirrors: readonly [string, string]): EspejoError {
  const [first, second] = mirrors;
  const where = first === second ? `mirror ${first} has two` : `mirrors ${first} and ${second} have`;
  return new EspejoError(
    'E_PUBLISH_CONFLICT',
    `component ${component}: ${where} different packages ${label}`,
    { hint: 'publish the mirrors or suites that disagree under different prefixes or distributions' },
  );
}
