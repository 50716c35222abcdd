import { removePackages } from '../../../repo/repo-packages.ts';
import { boolFlag, type Handler } from '../../command.ts';
import { withApp } from '../../session.ts';
import { readQueries } from '../query-argument.ts';
import { dryRunLines } from '../repo-lines.ts';
import { unable } from '../unable.ts';

export const run: Handler = async (invocation) => {
  const [name = '', ...queries] = invocation.args;
  const dryRun = boolFlag(invocation.flags, 'dry-run');
  const removed = await withApp(invocation, (app, job) =>
    unable('unable to remove', async () =>
      removePackages(
        app,
        {
          name,
          queries: await readQueries(queries, invocation),
          dryRun,
        },
        job,
      ),
    ),
  );
  return {
    lines: [
      ...removed.map((member) => `[-] ${member.package.label} removed`),
      ...(dryRun ? dryRunLines : []),
    ],
  };
};
