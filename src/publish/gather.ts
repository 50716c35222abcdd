import type { Catalog, ListId, PackageRecord } from '../catalog/contract.ts';
import type { MirrorConfig, PublicationConfig } from '../config/config.ts';
import { EspejoError, invariant } from '../core/errors.ts';
import { type SyncedSuite, syncedSuites } from '../mirror/reconcile.ts';
import { type Contribution, type Overruled, withoutRepeats } from './plan.ts';

/** The content of a publication, component by component, as the catalog has it now. */
export type Gathered = {
  readonly components: readonly {
    readonly name: string;
    readonly list: ListId;
    readonly records: readonly PackageRecord[];
  }[];
  readonly architectures: readonly string[];
  /** Names of the mirrors and suites it came from, for people. */
  readonly sources: readonly string[];
  /** What a person should know: packages that a suite has and the publication has from an earlier suite. */
  readonly warnings: readonly string[];
};

/**
 * Collects what a publication's mirrors hold.
 * @throws E_MIRROR_EMPTY when one of them was never synced; E_COMPONENT_UNKNOWN; E_PUBLISH_CONFLICT
 */
export async function gather(
  catalog: Catalog,
  publication: PublicationConfig,
  mirrors: readonly MirrorConfig[],
): Promise<Gathered> {
  const lists = new Map<string, SuiteList[]>();
  const architectures: string[] = [];
  for (const source of publication.sources) {
    const config = mirrors.find(({ name }) => name === source.mirror);
    invariant(config !== undefined, 'the configuration checks that a publication names existing mirrors');
    architectures.push(...config.architectures);
    for (const { name, list, suite } of componentsOf(await suitesOf(catalog, config), source)) {
      lists.set(name, [...(lists.get(name) ?? []), { list, mirror: source.mirror, suite }]);
    }
  }
  const names = publication.components ?? [...lists.keys()];
  const warnings: string[] = [];
  const components = await Promise.all(
    names.map(async (name) => {
      const members = await Promise.all(
        listsOf(publication, lists, name).map(async ({ list, mirror, suite }): Promise<Contribution> => {
          const records = await catalog.packages(list);
          return {
            mirror,
            suite,
            records: records.filter((one) => isWanted(one, publication.architectures)),
          };
        }),
      );
      const { records, overruled } = withoutRepeats(name, members);
      warnings.push(...overruled.map((one) => overruledText(publication, name, one)));
      return { name, records, list: await catalog.keepList(records) };
    }),
  );
  const sources = publication.sources.map(({ mirror, suite }) =>
    suite === undefined ? mirror : `${mirror}:${suite}`,
  );
  const wanted = publication.architectures ?? architectures;
  const hasSources = components.some(({ records }) => records.some(({ kind }) => kind === 'source'));
  return { components, architectures: hasSources ? [...wanted, 'source'] : wanted, sources, warnings };
}

/** A list of packages, and the suite of a mirror that it is of. */
type SuiteList = { readonly list: ListId; readonly mirror: string; readonly suite: string };

function overruledText(
  { name }: PublicationConfig,
  component: string,
  { label, mirror, used, left }: Overruled,
): string {
  const suites = `the suites ${used} and ${left} of mirror ${mirror}`;
  return `publication ${name}: ${component}: ${label}: ${suites} have different files of it; that of ${used} is published (publish "${mirror}:${left}" apart for the other)`;
}

/** A publication of some architectures leaves out what none of its indexes could name. */
function isWanted({ architecture, kind }: PackageRecord, wanted: readonly string[] | undefined): boolean {
  if (wanted === undefined || kind === 'source' || architecture === 'all') return true;
  return wanted.includes(architecture);
}

async function suitesOf(catalog: Catalog, mirror: MirrorConfig): Promise<readonly SyncedSuite[]> {
  const suites = await syncedSuites(catalog, mirror);
  if (suites.length > 0) return suites;
  throw new EspejoError('E_MIRROR_EMPTY', `mirror ${mirror.name}: was not synced yet`, {
    hint: `run "espejo sync ${mirror.name}" first`,
  });
}

function componentsOf(
  synced: readonly SyncedSuite[],
  { mirror, suite }: PublicationConfig['sources'][number],
): readonly { readonly name: string; readonly list: ListId; readonly suite: string }[] {
  const suites = synced.filter(({ distribution }) => suite === undefined || distribution === suite);
  if (suites.length > 0)
    return suites.flatMap(({ components, lists, distribution }) =>
      components.map((name) => {
        const { [name]: list } = lists;
        invariant(list !== undefined, `a sync has kept a list of ${name}`);
        return { name, list, suite: distribution };
      }),
    );
  throw new EspejoError('E_MIRROR_EMPTY', `mirror ${mirror}: its suite ${suite} was not synced yet`, {
    hint: `run "espejo sync ${mirror}" first`,
  });
}

function listsOf(
  publication: PublicationConfig,
  lists: ReadonlyMap<string, readonly SuiteList[]>,
  component: string,
): readonly SuiteList[] {
  const found = lists.get(component);
  if (found !== undefined) return found;
  throw new EspejoError(
    'E_COMPONENT_UNKNOWN',
    `publication ${publication.name}: its mirrors have no component ${component}`,
    {
      hint: `they have ${[...lists.keys()].join(', ')}`,
    },
  );
}
