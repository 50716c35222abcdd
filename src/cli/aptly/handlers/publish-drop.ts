import { parseLocation } from '../../../publish/publication-place.ts';
import { dropPublication } from '../../../publish/publish-drop.ts';
import { boolFlag, type Handler } from '../../command.ts';
import { withApp } from '../../session.ts';
import { stepPrinter } from '../publishing.ts';
import { unable } from '../unable.ts';

/** `publish drop` (spec/cli.md 7.7). */
export const run: Handler = async (invocation) => {
  const { args, flags } = invocation;
  const [distribution = '', location = '.'] = args;
  const request = {
    identity: { ...parseLocation(location), distribution },
    force: boolFlag(flags, 'force-drop'),
    skipCleanup: boolFlag(flags, 'skip-cleanup'),
    onStep: stepPrinter(invocation),
  };
  await withApp(invocation, (app, job) =>
    unable('unable to remove', () => dropPublication(app, request, job)),
  );
  return { lines: ['', 'Published repository has been removed successfully.'] };
};
