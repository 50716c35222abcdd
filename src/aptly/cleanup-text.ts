import type { PublicationObject } from '../catalog/objects.ts';
import { formatBytes } from '../core/units.ts';

type Facts = { readonly verbose: boolean; readonly dryRun: boolean };

/** The lines of `db cleanup` (spec/cli.md 9.1), as aptly words and orders them. */
export const cleanupText = {
  /** Nothing where there is nothing: aptly has no such states. */
  retired(
    {
      generations,
      snapshots,
    }: { readonly generations: readonly string[]; readonly snapshots: readonly string[] },
    { verbose, dryRun }: Facts,
  ): readonly string[] {
    if (generations.length + snapshots.length === 0) return [];
    return [
      `Deleting published states past their time (${generations.length}) and their snapshots (${snapshots.length})...`,
      ...(verbose ? [...generations, ...snapshots].map((name) => ` - ${name}`) : []),
      ...(dryRun ? ['Skipped deletion, as -dry-run has been requested.'] : []),
    ];
  },

  objects(
    names: {
      readonly mirrors: readonly string[];
      readonly repos: readonly string[];
      readonly snapshots: readonly string[];
      readonly publications: readonly Pick<PublicationObject, 'storage' | 'prefix' | 'distribution'>[];
    },
    { verbose }: Facts,
  ): readonly string[] {
    const publications = names.publications.map(
      ({ storage, prefix, distribution }) => `${storage}:${prefix}/${distribution}`,
    );
    const listed = [
      ...titled('Loading mirrors:', names.mirrors),
      ...titled('Loading local repos:', names.repos),
      ...titled('Loading snapshots:', names.snapshots),
      ...titled('Loading published repositories:', publications),
    ];
    return [
      'Loading mirrors, local repos, snapshots and published repos...',
      ...(verbose ? listed : []),
      'Loading list of all packages...',
    ];
  },

  packages(keys: readonly string[], { verbose, dryRun }: Facts): readonly string[] {
    const any = keys.length > 0;
    return [
      `Deleting unreferenced packages (${keys.length})...`,
      ...(verbose && any ? ['List of package keys to delete:', ...keys.map((key) => ` - ${key}`)] : []),
      ...(dryRun && any ? ['Skipped deletion, as -dry-run has been requested.'] : []),
      'Building list of files referenced by packages...',
      'Building list of files in package pool...',
    ];
  },

  files(paths: readonly string[], { verbose, dryRun }: Facts): readonly string[] {
    const any = paths.length > 0;
    return [
      `Deleting unreferenced files (${paths.length})...`,
      ...(verbose && any ? ['List of files to be deleted:', ...paths.map((path) => ` - ${path}`)] : []),
      ...(dryRun && any ? ['Skipped file deletion, as -dry-run has been requested.'] : []),
      ...(dryRun ? ['Skipped DB compaction, as -dry-run has been requested.'] : []),
    ];
  },

  freed: (bytes: number): readonly string[] => [`Disk space freed: ${formatBytes(bytes)}...`],

  compact: (): readonly string[] => ['Compacting database...'],
};

function titled(title: string, names: readonly string[]): readonly string[] {
  return [title, ...names.map((name) => `- ${name}`)];
}
