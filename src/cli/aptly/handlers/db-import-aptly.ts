import { type Adoption, adoptAptly } from '../../../adopt/adopt.ts';
import type { Handler } from '../../command.ts';
import { withAppAsItIs } from '../../session.ts';

/** `db import-aptly`: takes over what an aptly has in the root directory. */
export const run: Handler = async (invocation) => {
  return { lines: linesOf(await withAppAsItIs(invocation, adoptAptly)) };
};

function linesOf(adoption: Adoption) {
  const { database, found, changed, kept, packages, oddPackages, filesFound, filesMissing } = adoption;
  const objects = `${found.mirror} mirrors, ${found.repo} local repos, ${found.snapshot} snapshots and ${found.publication} published repos`;
  return [
    `Imported ${database}: ${objects}, ${packages} packages.`,
    `Objects new or changed: ${changed}; changed here and so left alone: ${kept.length}.`,
    `Package files in the pool: ${filesFound}; missing: ${filesMissing.length}.`,
    ...(oddPackages === 0 ? [] : [`Odd packages, taken over as they are: ${oddPackages}.`]),
  ];
}
