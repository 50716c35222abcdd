import { repoShowJson, repoShowLines } from '../../../aptly/objects/repo-text.ts';
import { findObject } from '../../../catalog/find-object.ts';
import { renderGoJson } from '../../../go/go-json.ts';
import { packagesOfRepo } from '../../../repo/repos.ts';
import { boolFlag, type Handler } from '../../command.ts';
import { withApp } from '../../session.ts';
import { unable } from '../unable.ts';

export const run: Handler = async (invocation) => {
  const { args, flags } = invocation;
  const [name = ''] = args;
  const { repo, packageCount, packages } = await withApp(invocation, (app) =>
    unable('unable to show', async () => {
      const repo = await findObject(app, 'repo', name);
      const set = boolFlag(flags, 'with-packages') ? await packagesOfRepo(app, repo) : undefined;
      return {
        repo,
        packageCount: set?.size ?? (await app.catalog.listSize(repo.list)),
        packages: set?.listed.map((member) => member.package),
      };
    }),
  );
  if (boolFlag(flags, 'json')) return { lines: renderGoJson(repoShowJson(repo, packages), 2).split('\n') };
  return { lines: repoShowLines(repo, { packageCount, packages }) };
};
