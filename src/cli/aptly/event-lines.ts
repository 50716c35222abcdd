import { cleanupText } from '../../aptly/cleanup-text.ts';
import { sourceWord } from '../../aptly/objects/source.ts';
import { snapshotText } from '../../catalog/labels.ts';
import type { AptlyConfig } from '../../config/aptly-schema.ts';
import { printable } from '../../core/redact.ts';
import { formatBytes } from '../../core/units.ts';
import type { CleanupEvent, DomainEvent, PublishEvent, ResolutionEvent } from '../../packages/events.ts';
import { printDependency } from '../../packages/satisfaction.ts';
import { boolFlag, type FlagValues } from '../command.ts';
import { isVerbose } from './dependency-flags.ts';

/** What aptly's commands print of an event, on standard output while they work. */
export function eventLines(
  event: DomainEvent,
  flags: FlagValues,
  config: { readonly aptly: AptlyConfig },
): readonly string[] {
  switch (event.type) {
    case 'loading':
      return event.packages === undefined
        ? ['Loading packages...']
        : [`Loading packages (${event.packages})...`, 'Building indexes...'];
    case 'dependencies-missing':
    case 'dependency-satisfied':
    case 'dependency-added':
    case 'dependency-unsatisfied':
      return isVerbose(flags, config) ? [resolutionLine(event)] : [];
    case 'downloading':
      return [`Downloading: ${event.url}`];
    case 'reading-indexes':
      return ['Downloading & parsing package files...'];
    case 'duplicate':
      return [`[!] skipping package ${event.package}: duplicate in packages index`];
    case 'tolerated':
      return [`WARNING: ${event.message}`];
    case 'filtering':
      return ['Applying filter...'];
    case 'filtered':
      return [`Packages filtered: ${event.from} -> ${event.to}.`];
    case 'queueing':
      return ['Building download queue...'];
    case 'download-queue':
      return [`Download queue: ${event.files} items (${formatBytes(event.bytes)})`];
    case 'package-added':
      return [`[+] ${event.package} added`];
    case 'package-replaced':
      return [`[-] ${event.package} removed due to conflict with package being added`];
    case 'file-failed':
      return [`[!] ${printable(event.reason)}`];
    case 'pull':
      return [
        'Dependencies would be pulled into snapshot:',
        `    ${snapshotText(event.into)}`,
        'from snapshot:',
        `    ${snapshotText(event.from)}`,
        `and result would be saved as new snapshot ${event.name}.`,
      ];
    case 'pulled':
      return [`[${event.change === 'added' ? '+' : '-'}] ${event.package} ${event.change}`];
    case 'upload':
      return [`Loading repository ${printable(event.repo)} for changes file ${printable(event.changes)}...`];
    case 'publish':
    case 'unpublish':
    case 'publication-cleaning':
    case 'component-cleaning':
    case 'staging-cleared':
    case 'component-staged':
      return [publishLine(event)];
    default:
      return cleanupLines(event, flags).map((line) => line.replace(/\p{Cc}/gu, '?'));
  }
}

function publishLine(event: PublishEvent): string {
  switch (event.type) {
    case 'publish':
      return stepLines[event.step];
    case 'unpublish':
      return `Removing ${event.name}...`;
    case 'publication-cleaning':
      return `Cleaning up published repository ${event.publication}...`;
    case 'component-cleaning':
      return `Cleaning up component '${event.component}'...`;
    case 'staging-cleared':
      return 'Clearing staged source list...';
    case 'component-staged':
      return printable(
        `${stagingWords[event.change]} component '${event.component}' with source '${event.source}' [${sourceWord(event.sourceKind)}]...`,
      );
  }
}

const stagingWords = { adding: 'Adding', updating: 'Updating', removing: 'Removing' } as const;

const stepLines = {
  empty:
    "Warning: publishing from empty source, architectures list should be complete, it can't be changed after publishing (use -architectures flag)",
  overwriting:
    'WARNING: force overwrite mode enabled, aptly might corrupt other published repositories sharing the same package pool.\n',
  generating: 'Generating metadata files and linking package files...',
  finalizing: 'Finalizing metadata files...',
} as const;

function resolutionLine(event: ResolutionEvent): string {
  switch (event.type) {
    case 'dependencies-missing':
      return `Missing dependencies: ${event.dependencies.map(printDependency).join(', ')}`;
    case 'dependency-satisfied':
      return `Already satisfied dependency: ${printDependency(event.dependency)} with [${event.by.join(' ')}]`;
    case 'dependency-added':
      return `Injecting package: ${event.package}`;
    case 'dependency-unsatisfied':
      return `Unsatisfied dependency: ${printDependency(event.dependency)}`;
  }
}

function cleanupLines(event: CleanupEvent, flags: FlagValues): readonly string[] {
  const facts = { dryRun: boolFlag(flags, 'dry-run'), verbose: boolFlag(flags, 'verbose') };
  switch (event.type) {
    case 'retired': {
      const generations = event.generations.map(({ publication, id }) => `${publication} ${id}`);
      return cleanupText.retired({ generations, snapshots: event.snapshots }, facts);
    }
    case 'objects':
      return cleanupText.objects(event, facts);
    case 'unused-packages':
      return cleanupText.packages(event.keys, facts);
    case 'unused-files':
      return cleanupText.files(event.paths, facts);
    case 'freed':
      return cleanupText.freed(event.bytes);
    case 'compacting':
      return cleanupText.compact();
  }
}
