import { formatBytes } from '../core/units.ts';
import type { SyncPlan } from '../mirror/plan.ts';
import type { PlanResult } from '../mirror/plan-result.ts';
import type { SyncResult } from '../mirror/sync.ts';
import type { PublishResult } from '../publish/publish.ts';
import type { PublicationView } from '../publish/publish-configured.ts';
import type { VerifyResult } from '../publish/verify.ts';
import type { CleanupResult } from '../upkeep/cleanup.ts';
import { count, tallyLines } from './tally-lines.ts';

/** One line that says what a sync left, with the postcondition; then the relations that nothing satisfies. */
export function syncLines(result: SyncResult): readonly string[] {
  const { mirror, packages, download, requests } = result;
  if (result.outcome === 'unchanged') {
    const line = `${mirror}: unchanged, ${count(packages, 'package')}, ${count(requests, 'request')}`;
    return [line, ...tallyLines(result)];
  }
  const fetched = `fetched ${download.filesFetched} (${formatBytes(download.bytesFetched)})`;
  const reused = `reused ${download.filesReused} (${formatBytes(download.bytesReused)})`;
  const line = `${mirror}: synced, ${count(packages, 'package')}, files expected ${result.filesExpected}, present ${result.filesPresent}; ${fetched}, ${reused}; ${count(requests, 'request')}`;
  const missing = result.missing.map((file) => `  [!] missing: ${file.package} (${file.reason})`);
  return [line, ...missing, ...unsatisfiedLines(result.unsatisfied), ...tallyLines(result)];
}

/** A plan for people: why each package is there, what would be fetched, what cannot be satisfied. */
export function planLines(plan: PlanResult): readonly string[] {
  const members = plan.packages.map(({ package: label, reason, chain }) => {
    const why =
      reason.kind === 'requested'
        ? `asked for: ${reason.request}`
        : `${reason.field} of ${reason.of}: ${reason.relation}${chainNote(chain)}`;
    return `  ${label}  ${why}`;
  });
  const sources = plan.sources.map((label) => `  ${label}  source of a selected package`);
  const changes = [
    ...plan.added.map((label) => `  [+] ${label}`),
    ...plan.removed.map((label) => `  [-] ${label}`),
  ];
  return [
    `${plan.mirror}: ${count(members.length + sources.length, 'package')}, ${count(plan.files, 'file')} (${formatBytes(plan.bytes)})`,
    ...members,
    ...sources,
    ...(plan.unsatisfied.length === 0 ? ['unsatisfied relations: none'] : []),
    ...unsatisfiedLines(plan.unsatisfied),
    ...(changes.length === 0 ? [] : ['changes since the last sync:', ...changes]),
    `to fetch: ${count(plan.fetchFiles.length, 'file')} (${formatBytes(plan.fetchBytes)})`,
  ];
}

/** The whole way from the request, where it is longer than the step that was named. */
function chainNote(chain: readonly string[]): string {
  return chain.length > 2 ? ` (${chain.join(' -> ')})` : '';
}

/** What a publish left, and how many warnings there were. */
export function publishLines(result: PublishResult): readonly string[] {
  return [publishLine(result), ...tallyLines(result)];
}

export function publishLine({
  publication,
  outcome,
  generation,
  packages,
  leftOut,
  snapshots,
  returnedTo,
}: PublishResult): string {
  const left = leftOut.packages === 0 ? '' : ` (${leftOut.packages} left out, see the warnings)`;
  const what = `generation ${generation}, ${count(packages, 'package')}${left}`;
  switch (outcome) {
    case 'published':
      if (returnedTo !== undefined) {
        const from = `${returnedTo.generation} of ${new Date(returnedTo.date).toISOString()}`;
        return `${publication}: back at generation ${from}, published as ${what}; held there until "espejo publish -publication=${publication} -resume"`;
      }
      return `${publication}: published, ${what}, snapshots ${snapshots.join(' ')}`;
    case 'unchanged':
      return `${publication}: unchanged, ${what}`;
    case 'held':
      return `${publication}: held by a rollback, ${what}; "espejo publish -resume" follows the mirrors again`;
  }
}

/** What a cleanup removed and freed. */
export function cleanupLine({ generations, snapshots, packages, files, bytes }: CleanupResult): string {
  const kinds: readonly (readonly [number, string])[] = [
    [generations, 'published state'],
    [snapshots, 'snapshot'],
    [packages, 'package'],
    [files, 'pool file'],
  ];
  const removed = kinds.filter(([number]) => number > 0).map(([number, noun]) => count(number, noun));
  if (removed.length === 0) return 'cleanup: nothing to remove';
  return `cleanup: removed ${removed.join(', ')}; freed ${formatBytes(bytes)}`;
}

export function verifyLine({ publication, indexes, packages, files, bytes }: VerifyResult): string {
  return `${publication}: verified, ${count(indexes, 'index file')}, ${count(packages, 'package')}, ${count(files, 'package file')}, ${formatBytes(bytes)} read`;
}

export function publicationLines({ config, record, generations }: PublicationView): readonly string[] {
  const held = record?.hold ? ` (held since ${new Date(record.hold.since).toISOString()})` : '';
  const rows = generations.map((generation) => {
    const mark = generation.id === record?.current ? '*' : ' ';
    const snapshots = generation.components.map(({ sourceName }) => sourceName).join(' ');
    return ` ${mark} ${generation.id}  ${new Date(generation.date).toISOString()}  ${count(generation.packages, 'package')}  ${snapshots}`;
  });
  const none = rows.length === 0 ? ['   not published yet'] : [];
  return [`${config.name}: ${config.prefix} ${config.distribution}${held}`, ...rows, ...none];
}

/** The same for machines; dates in ISO 8601. */
export function publicationJson({ config, record, generations }: PublicationView): unknown {
  const hold = record?.hold;
  return {
    name: config.name,
    prefix: config.prefix,
    distribution: config.distribution,
    current: record?.current ?? null,
    hold: hold ? { since: new Date(hold.since).toISOString(), generation: hold.generation } : null,
    generations: generations.map((generation) => ({
      id: generation.id,
      date: new Date(generation.date).toISOString(),
      packages: generation.packages,
      components: generation.components.map(({ name, sourceName }) => ({ name, snapshot: sourceName })),
    })),
  };
}

function unsatisfiedLines(unsatisfied: SyncPlan['unsatisfied']): readonly string[] {
  return unsatisfied.map(
    ({ field, relation, architecture, chain }) =>
      `  [!] unsatisfied: ${field} ${relation} [${architecture}] (${chain.join(' -> ')})`,
  );
}
