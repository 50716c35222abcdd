import { cleanupText } from '../../../aptly/cleanup-text.ts';
import { type CleanupEvent, cleanUp } from '../../../upkeep/cleanup.ts';
import { boolFlag, type Handler } from '../../command.ts';
import { withApp } from '../../session.ts';

/** `db cleanup` (cli.md 9.1); tells what it does while it does it. */
export const run: Handler = async (invocation) => {
  const { flags, print } = invocation;
  const facts = { dryRun: boolFlag(flags, 'dry-run'), verbose: boolFlag(flags, 'verbose') };
  const tell = (event: CleanupEvent): void => {
    for (const line of linesOf(event, facts)) print(`${line.replace(/\p{Cc}/gu, '?')}\n`);
  };
  await withApp(invocation, (app, job) => cleanUp(app, { dryRun: facts.dryRun, tell }, job));
  return { lines: [] };
};

function linesOf(
  event: CleanupEvent,
  facts: { readonly dryRun: boolean; readonly verbose: boolean },
): readonly string[] {
  switch (event.type) {
    case 'retired':
      return cleanupText.retired(
        {
          generations: event.generations.map(({ publication, id }) => `${publication} ${id}`),
          snapshots: event.snapshots,
        },
        facts,
      );
    case 'objects':
      return cleanupText.objects(event, facts);
    case 'packages':
      return cleanupText.packages(event.keys, facts);
    case 'files':
      return cleanupText.files(
        event.files.map(({ path }) => path),
        facts,
      );
    case 'freed':
      return cleanupText.freed(event.bytes);
    case 'compact':
      return cleanupText.compact();
  }
}
