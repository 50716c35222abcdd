import { resolve } from 'node:path';
import { repoText } from '../../../catalog/labels.ts';
import { about, isEspejoError } from '../../../core/errors.ts';
import { createRepo } from '../../../repo/repos.ts';
import { readUploaders } from '../../../repo/uploaders.ts';
import { type Handler, stringFlag } from '../../command.ts';
import { withApp } from '../../session.ts';

export const run: Handler = async (invocation) => {
  const { args, cwd, flags, root } = invocation;
  const [name = '', , , snapshot] = args;
  const uploadersFile = stringFlag(flags, 'uploaders-file') ?? '';
  const settings = {
    name,
    comment: stringFlag(flags, 'comment') ?? '',
    defaultDistribution: stringFlag(flags, 'distribution') ?? '',
    defaultComponent: stringFlag(flags, 'component') ?? 'main',
    uploaders: uploadersFile === '' ? null : await readUploaders(resolve(cwd, uploadersFile)),
    snapshot,
  };
  try {
    const repo = await withApp(invocation, (app, job) => createRepo(app, settings, job));
    return {
      lines: [
        '',
        `Local repo ${repoText(repo)} successfully added.`,
        `You can run '${root.name} repo add ${repo.name} ...' to add packages to repository.`,
      ],
    };
  } catch (error) {
    throw isEspejoError(error, 'E_NAME_TAKEN') ? about('unable to add local repo', error) : error;
  }
};
