import { stagedJson, stagedLines } from '../../../aptly/objects/publication-text.ts';
import { EspejoError } from '../../../core/errors.ts';
import { renderGoJson } from '../../../go/go-json.ts';
import { findPublication } from '../../../publish/publication-place.ts';
import { boolFlag, type Handler } from '../../command.ts';
import { withApp } from '../../session.ts';
import { stagedIdentity } from '../staging.ts';
import { unable } from '../unable.ts';

export const run: Handler = async (invocation) => {
  const { publication, staged } = await withApp(invocation, (app) =>
    unable('unable to list', async () => {
      const publication = await findPublication(app, stagedIdentity(invocation));
      if (publication.revision !== null) return { publication, staged: publication.revision };
      throw new EspejoError('E_OBJECT_NOT_FOUND', 'No source changes exist');
    }),
  );
  if (boolFlag(invocation.flags, 'json')) return { lines: renderGoJson(stagedJson(staged), 2).split('\n') };
  return { lines: stagedLines(publication, staged) };
};
