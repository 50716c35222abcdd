import { type Adoption, adoptAptly } from '../../adopt/adopt.ts';
import { recoverRoot } from '../../app/recover-root.ts';
import { cleanUp } from '../../upkeep/cleanup.ts';
import { boolFlag, type Handler, type Invocation, type Outcome } from '../command.ts';
import { configOf, lockWaitMs, withApp, withAppAsItIs } from '../session.ts';

/** The commands of the database (spec/cli.md 9), and `db import-aptly`. */
export const db = { cleanup, 'import-aptly': importAptly, recover } satisfies Readonly<
  Record<string, Handler>
>;

/** Tells what it does while it does it. */
async function cleanup(invocation: Invocation): Promise<Outcome> {
  const dryRun = boolFlag(invocation.flags, 'dry-run');
  await withApp(invocation, (app, job) => cleanUp(app, { dryRun }, job));
  return { lines: [] };
}

async function recover(invocation: Invocation): Promise<Outcome> {
  const { print } = invocation;
  print('Recovering database...\n');
  const config = await configOf(invocation);
  const dangling = await recoverRoot(config, { waitMs: lockWaitMs(invocation) }, invocation);
  print('Checking database integrity...\n');
  await withApp(invocation, async () => undefined);
  return { lines: dangling.map((key) => `Removing dangling database reference ${JSON.stringify(key)}`) };
}

/** Takes over what an aptly has in the root directory. */
async function importAptly(invocation: Invocation): Promise<Outcome> {
  return { lines: linesOf(await withAppAsItIs(invocation, (app, job) => adoptAptly(app, {}, job))) };
}

function linesOf(adoption: Adoption): readonly string[] {
  const { database, found, changed, kept, packages, oddPackages, filesFound, filesMissing } = adoption;
  const objects = `${found.mirror} mirrors, ${found.repo} local repos, ${found.snapshot} snapshots and ${found.publication} published repos`;
  return [
    `Imported ${database}: ${objects}, ${packages} packages.`,
    `Objects new or changed: ${changed}; changed here and so left alone: ${kept.length}.`,
    `Package files in the pool: ${filesFound}; missing: ${filesMissing.length}.`,
    ...(oddPackages === 0 ? [] : [`Odd packages, taken over as they are: ${oddPackages}.`]),
  ];
}
