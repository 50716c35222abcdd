import { renderGoJson } from '../../../aptly/go-json.ts';
import { mirrorJson, mirrorListLines } from '../../../aptly/objects/mirror-text.ts';
import { boolFlag, type Handler } from '../../command.ts';
import { withApp } from '../../session.ts';

/** `mirror list` (cli.md 4.2). */
export const run: Handler = async (invocation) => {
  const { flags } = invocation;
  const mirrors = await withApp(invocation, ({ catalog }) => catalog.objects.all('mirror'));
  if (boolFlag(flags, 'json')) {
    const json = mirrors.map((mirror) => mirrorJson(mirror));
    return { lines: renderGoJson(json, 2).split('\n') };
  }
  if (boolFlag(flags, 'raw')) return { lines: mirrors.map(({ name }) => name) };
  return { lines: mirrorListLines(mirrors, 'espejo') };
};
