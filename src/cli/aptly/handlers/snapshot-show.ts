import { snapshotJson, snapshotShowLines } from '../../../aptly/objects/snapshot-text.ts';
import { findObject } from '../../../catalog/find-object.ts';
import { renderGoJson } from '../../../go/go-json.ts';
import { snapshotSources } from '../../../snapshot/snapshots.ts';
import { boolFlag, type Handler } from '../../command.ts';
import { withApp } from '../../session.ts';
import { unable } from '../unable.ts';

export const run: Handler = async (invocation) => {
  const [name = ''] = invocation.args;
  const { snapshot, sources, packageCount, packages } = await withApp(invocation, (app) =>
    unable('unable to show', async () => {
      const found = await findObject(app, 'snapshot', name);
      return {
        snapshot: found,
        sources: await snapshotSources(app, found),
        packageCount: await app.catalog.listSize(found.list),
        packages: boolFlag(invocation.flags, 'with-packages')
          ? await app.catalog.packages(found.list)
          : undefined,
      };
    }),
  );
  if (boolFlag(invocation.flags, 'json')) {
    return { lines: renderGoJson(snapshotJson(snapshot, { sources, packages }), 2).split('\n') };
  }
  return { lines: snapshotShowLines(snapshot, { sources, packageCount, packages }) };
};
