import { resolve } from 'node:path';
import { addFiles } from '../../../repo/add-files.ts';
import { boolFlag, type Handler } from '../../command.ts';
import { withApp } from '../../session.ts';
import { reportSkipped } from '../take-lines.ts';
import { unable } from '../unable.ts';

export const run: Handler = async (invocation) => {
  const { args, cwd, flags } = invocation;
  const [repo = '', ...paths] = args;
  const files = {
    repo,
    paths,
    read: (path: string) => resolve(cwd, path),
    forceReplace: boolFlag(flags, 'force-replace'),
    removeFiles: boolFlag(flags, 'remove-files'),
  };
  const failed = await withApp(invocation, (app, job) =>
    unable('unable to add', () => addFiles(app, files, job)),
  );
  reportSkipped(invocation, failed);
  return { lines: [] };
};
