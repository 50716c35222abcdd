import { resolve } from 'node:path';
import { findObject } from '../../../catalog/find-object.ts';
import { repoText } from '../../../catalog/labels.ts';
import { editRepo, type RepoSettings } from '../../../repo/repos.ts';
import { readUploaders } from '../../../repo/uploaders.ts';
import { type Handler, type Invocation, stringFlag } from '../../command.ts';
import { withApp } from '../../session.ts';
import { unable } from '../unable.ts';

export const run: Handler = async (invocation) => {
  const [name = ''] = invocation.args;
  const repo = await withApp(invocation, async (app, job) => {
    await unable('unable to edit', () => findObject(app, 'repo', name));
    const changes = await changesOf(invocation);
    return await unable('unable to edit', () => editRepo(app, { name, changes }, job));
  });
  return { lines: [`Local repo ${repoText(repo)} successfully updated.`] };
};

async function changesOf({ cwd, flags }: Invocation): Promise<Partial<RepoSettings>> {
  const comment = stringFlag(flags, 'comment');
  const distribution = stringFlag(flags, 'distribution');
  const component = stringFlag(flags, 'component');
  const file = stringFlag(flags, 'uploaders-file');
  return {
    ...(comment === undefined ? {} : { comment }),
    ...(distribution === undefined ? {} : { defaultDistribution: distribution }),
    ...(component === undefined ? {} : { defaultComponent: component }),
    ...(file === undefined
      ? {}
      : { uploaders: file === '' ? null : await readUploaders(resolve(cwd, file)) }),
  };
}
