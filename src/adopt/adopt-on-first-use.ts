import { isEspejoError } from '../core/errors.ts';
import type { Job } from '../core/progress.ts';
import type { Ports } from '../packages/ports.ts';
import { adoptLocked } from './adopt.ts';
import { aptlyDatabaseOf } from './aptly-database-place.ts';
import { fingerprintLevelDb, lastSequenceOf } from './database/leveldb/database.ts';

/** What is known here of the database of aptly in the root directory. */
export type AptlyState =
  /** There is none. */
  | { readonly kind: 'none' }
  /** It was never taken over. */
  | { readonly kind: 'new'; readonly directory: string }
  /** What it holds is here. */
  | { readonly kind: 'known' }
  /** aptly has written to it since it was taken over. */
  | { readonly kind: 'changed'; readonly directory: string };

/**
 * Takes over what an aptly has in the root directory, when that was never done; once it was, a warning tells that aptly
 * has changed it since. To be called before anything else is done with a root directory.
 *
 * Objects that were made here before, under names that aptly has too, put it off with a warning: to refuse all commands
 * would refuse those that rename them.
 * @throws E_LOCKED while aptly works; E_CATALOG when its database is damaged; E_CONFIG_INVALID for an etcd database
 */
export async function adoptOnFirstUse(ports: Ports, job: Job): Promise<void> {
  const state = await aptlyState(ports);
  switch (state.kind) {
    case 'none':
    case 'known':
      return;
    case 'changed':
      job.report({
        type: 'warning',
        message: `the aptly database ${state.directory} was changed after it was taken over; "espejo db import-aptly" takes over the changes`,
      });
      return;
    case 'new':
      try {
        await adoptOnce(ports, state.directory, job);
      } catch (error) {
        if (!isEspejoError(error, 'E_NAME_TAKEN')) throw error;
        job.report({
          type: 'warning',
          message: `${error.message}; the aptly database ${state.directory} is not taken over before one of them has another name`,
        });
      }
  }
}

/** @throws E_CONFIG_INVALID, E_IO, E_PERMISSION */
export async function aptlyState({
  catalog,
  config,
}: Pick<Ports, 'catalog' | 'config'>): Promise<AptlyState> {
  const { directory, place } = aptlyDatabaseOf(config);
  const fingerprint = await fingerprintLevelDb(directory);
  if (fingerprint === undefined) return { kind: 'none' };
  const before = await catalog.objects.adopted(place);
  if (before === undefined) return { kind: 'new', directory };
  if (before.fingerprint === fingerprint) return { kind: 'known' };
  if ((await sequenceOf(directory)) !== before.sequence) return { kind: 'changed', directory };
  if (!catalog.isReadOnly) await catalog.objects.rememberAdopted({ ...before, fingerprint });
  return { kind: 'known' };
}

/** Undefined while aptly is writing. */
async function sequenceOf(directory: string): Promise<number | undefined> {
  try {
    return await lastSequenceOf(directory);
  } catch (error) {
    if (isEspejoError(error, 'E_CATALOG', 'E_IO')) return undefined;
    throw error;
  }
}

/** Of several processes that come at once, one takes it over; the others wait for that. */
async function adoptOnce(ports: Ports, directory: string, job: Job): Promise<void> {
  await ports.exclusively('import from aptly', job.signal, async () => {
    if ((await aptlyState(ports)).kind !== 'new') return;
    job.report({ type: 'note', message: `taking over the aptly database ${directory}` });
    const { found, packages, oddPackages, filesFound, filesMissing } = await adoptLocked(ports, job);
    const objects = `${found.mirror} mirrors, ${found.repo} local repos, ${found.snapshot} snapshots, ${found.publication} published repos`;
    const files = `${filesFound} files in the pool, ${filesMissing.length} missing`;
    const odd = oddPackages === 0 ? '' : ` (${oddPackages} odd)`;
    job.report({ type: 'note', message: `taken over: ${objects}, ${packages} packages${odd}, ${files}` });
  });
}
