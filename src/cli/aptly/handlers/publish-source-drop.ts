import { dropStagedSources } from '../../../publish/staged-sources.ts';
import type { Handler } from '../../command.ts';
import { withApp } from '../../session.ts';
import { stagedIdentity } from '../staging.ts';
import { unable } from '../unable.ts';

export const run: Handler = async (invocation) => {
  await withApp(invocation, (app, job) =>
    unable('unable to drop', () => dropStagedSources(app, stagedIdentity(invocation), job)),
  );
  return { lines: ['Source changes have been removed successfully.'] };
};
