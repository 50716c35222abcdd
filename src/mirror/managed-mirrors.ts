import { randomUUID } from 'node:crypto';
import type { MirrorState, SuiteState } from '../catalog/contract.ts';
import type { Change, MirrorObject, ObjectChanges } from '../catalog/objects.ts';
import type { ListId } from '../catalog/packages.ts';
import type { MirrorConfig } from '../config/config.ts';
import { compareBytes } from '../core/compare-bytes.ts';
import { EspejoError } from '../core/errors.ts';
import { splitLogin } from '../core/login.ts';
import type { Job } from '../core/progress.ts';
import { printQuery } from '../query/print-query.ts';
import type { MirrorPorts } from './ports.ts';

/**
 * Shows what `sync` keeps of a configured mirror to aptly's commands: a mirror `<mirror>:<suite>` for each suite, with all
 * its components. To be changed with every sync; those of suites that the configuration no longer has are dropped.
 * A mirror that was made by hand keeps its name, with a warning.
 * @param present all mirrors that there are
 */
export function managedMirrors(
  config: MirrorConfig,
  { state, present }: { readonly state: MirrorState; readonly present: readonly MirrorObject[] },
  { report }: Pick<Job, 'report'>,
): ObjectChanges {
  const names = new Set(state.suites.map(({ suite }) => managedName(config.name, suite)));
  const dropped: readonly Change[] = present
    .filter(({ name, managedBy }) => managedBy === config.name && !names.has(name))
    .map(({ uuid }) => ({ drop: 'mirror', uuid }));
  const saved = (union: (lists: readonly ListId[]) => ListId): readonly Change[] =>
    state.suites.flatMap((suite): Change[] => {
      const name = managedName(config.name, suite.suite);
      const before = present.find((one) => one.name === name);
      if (before !== undefined && before.managedBy !== config.name) {
        const message = `mirror ${name} was made by hand; suite ${suite.suite} of ${config.name} is not shown as a mirror`;
        report({ type: 'warning', message });
        return [];
      }
      const isCurrent = before?.lastDownloadDate === state.syncedAt;
      const list =
        isCurrent && before.list !== null ? before.list : union(suite.components.map((one) => one.list));
      const uuid = before?.uuid ?? randomUUID();
      return [{ save: 'mirror', object: mirrorOf(config, state, suite, { uuid, list }) }];
    });
  return (union) => [...dropped, ...saved(union)];
}

/**
 * Refuses a mirror that the configuration decides about.
 * @throws E_OBJECT_IN_USE
 */
export function assertNotManaged(
  { config }: Pick<MirrorPorts, 'config'>,
  { name, managedBy }: MirrorObject,
): void {
  if (managedBy === null || !config.mirrors.some((one) => one.name === managedBy)) return;
  const place = config.path ?? 'the configuration';
  throw new EspejoError(
    'E_OBJECT_IN_USE',
    `mirror ${name} is kept by "sync" for the mirror ${managedBy} of ${place}`,
    { context: { mirror: name, managedBy }, hint: 'change it there' },
  );
}

function managedName(mirror: string, suite: string): string {
  return `${mirror}:${suite}`;
}

function mirrorOf(
  config: MirrorConfig,
  { syncedAt }: MirrorState,
  { suite, url, meta, components }: SuiteState,
  { uuid, list }: { readonly uuid: string; readonly list: ListId },
): MirrorObject {
  return {
    uuid,
    name: managedName(config.name, suite),
    archiveRoot: splitLogin(url).url,
    distribution: suite,
    components: components.map(({ name }) => name),
    architectures: config.architectures.toSorted(compareBytes),
    meta,
    lastDownloadDate: syncedAt,
    filter: filterOf(config),
    filterWithDeps: config.dependencies,
    skipComponentCheck: false,
    skipArchitectureCheck: false,
    downloadSources: config.sources,
    downloadUdebs: false,
    downloadInstaller: false,
    downloadAppStream: false,
    appStreamFiles: {},
    list,
    managedBy: config.name,
  };
}

/** The requests as one query: any of them. */
function filterOf({ packages }: MirrorConfig): string {
  return packages
    .map((request) => (request.kind === 'query' ? printQuery(request.query) : request.text))
    .join(' | ');
}
