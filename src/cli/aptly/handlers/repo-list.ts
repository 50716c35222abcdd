import { repoJson, repoListLines } from '../../../aptly/objects/repo-text.ts';
import { renderGoJson } from '../../../go/go-json.ts';
import { listRepos } from '../../../repo/repos.ts';
import { boolFlag, type Handler } from '../../command.ts';
import { withApp } from '../../session.ts';

export const run: Handler = async (invocation) => {
  const { flags, root } = invocation;
  const repos = await withApp(invocation, listRepos);
  if (boolFlag(flags, 'json')) {
    const json = repos.map(({ repo }) => repoJson(repo));
    return { lines: renderGoJson(json, 2).split('\n') };
  }
  if (boolFlag(flags, 'raw')) return { lines: repos.map(({ repo }) => repo.name) };
  return { lines: repoListLines(repos, root.name) };
};
