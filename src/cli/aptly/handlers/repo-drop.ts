import { publicationText, snapshotText } from '../../../catalog/labels.ts';
import { EspejoError } from '../../../core/errors.ts';
import { dropRepo } from '../../../repo/repos.ts';
import { boolFlag, type Handler } from '../../command.ts';
import { withApp } from '../../session.ts';
import { unable } from '../unable.ts';

export const run: Handler = async (invocation) => {
  const { args, flags, print } = invocation;
  const [name = ''] = args;
  const force = boolFlag(flags, 'force');
  const result = await withApp(invocation, (app, job) =>
    unable('unable to drop', () => dropRepo(app, { name, force }, job)),
  );
  switch (result.kind) {
    case 'dropped':
      return { lines: [`Local repo \`${name}\` has been removed.`] };
    case 'published':
      print(`Local repo \`${name}\` is published currently:\n`);
      for (const publication of result.publications) print(` * ${publicationText(publication)}\n`);
      throw new EspejoError('E_OBJECT_IN_USE', 'unable to drop: local repo is published');
    case 'snapshotted':
      print(`Local repo \`${name}\` was used to create following snapshots:\n`);
      for (const snapshot of result.snapshots) print(` * ${snapshotText(snapshot)}\n`);
      throw new EspejoError(
        'E_OBJECT_IN_USE',
        "won't delete local repo with snapshots, use -force to override",
      );
  }
};
