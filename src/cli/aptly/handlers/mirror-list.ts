import { mirrorJson, mirrorListLines } from '../../../aptly/objects/mirror-text.ts';
import { renderGoJson } from '../../../go/go-json.ts';
import { listMirrors } from '../../../mirror/mirrors.ts';
import { boolFlag, type Handler } from '../../command.ts';
import { withApp } from '../../session.ts';

/** `mirror list` (spec/cli.md 4.2). */
export const run: Handler = async (invocation) => {
  const { flags } = invocation;
  const listed = await withApp(invocation, (app) => listMirrors(app));
  if (boolFlag(flags, 'json')) {
    const json = listed.map(({ mirror, updating }) => mirrorJson(mirror, { updating }));
    return { lines: renderGoJson(json, 2).split('\n') };
  }
  const mirrors = listed.map(({ mirror }) => mirror);
  if (boolFlag(flags, 'raw')) return { lines: mirrors.map(({ name }) => name) };
  return { lines: mirrorListLines(mirrors, 'espejo') };
};
