import type { App } from '../../app/app.ts';
import type { Job } from '../../packages/events.ts';
import type { PublishResult } from '../../publish/publish.ts';
import { publishAll, resume, rollbackOne, viewPublications } from '../../publish/publish-configured.ts';
import {
  boolFlag,
  type CommandNode,
  type FlagValues,
  type Handler,
  type Invocation,
  listFlag,
  stringFlag,
} from '../command.ts';
import { UsageError } from '../grammar.ts';
import { publicationJson, publicationLines, publishLines } from '../render.ts';
import { runEach } from '../run-each.ts';
import { withApp } from '../session.ts';

export const run: Handler = async (invocation) => {
  const { flags } = invocation;
  assertOneMode(invocation);
  const names = listFlag(flags, 'publication');
  if (boolFlag(flags, 'list')) {
    const views = await withApp(invocation, (app) => viewPublications(app, names));
    return { lines: views.flatMap(publicationLines), json: views.map(publicationJson) };
  }
  const { results, faults } = await withApp(invocation, async (app, job) => {
    const all = names.length > 0 ? names : app.config.publications.map(({ name }) => name);
    if (all.length < 2 || isRollback(flags))
      return { results: await publishBy(flags, app, names, job), faults: [] };
    return await runEach(all, job.signal, (name) => publishBy(flags, app, [name], job));
  });
  return { lines: results.flatMap(publishLines), json: results, faults };
};

function isRollback(flags: FlagValues): boolean {
  return boolFlag(flags, 'rollback') || stringFlag(flags, 'to') !== undefined;
}

async function publishBy(
  flags: FlagValues,
  app: App,
  names: readonly string[],
  job: Job,
): Promise<readonly PublishResult[]> {
  if (isRollback(flags))
    return [await rollbackOne(app, { publications: names, to: stringFlag(flags, 'to') }, job)];
  if (boolFlag(flags, 'resume')) return await resume(app, names, job);
  return await publishAll(app, { publications: names, force: boolFlag(flags, 'force') }, job);
}

function assertOneMode({ flags, root }: Invocation): void {
  const path = pathOf(root);
  if (boolFlag(flags, 'list') && stringFlag(flags, 'to') !== undefined)
    throw new UsageError('-to goes with -rollback', path);
  const modes = ['rollback', 'resume', 'list', 'force'].filter((name) => boolFlag(flags, name));
  if (modes.length <= 1) return;
  throw new UsageError(`-${modes.join(' and -')} exclude each other`, path);
}

function pathOf(root: CommandNode): readonly CommandNode[] {
  const group = root.kind === 'group' ? root.commands.find(({ name }) => name === 'publish') : undefined;
  return group?.kind === 'group' && group.alone !== undefined ? [root, group.alone] : [root];
}
