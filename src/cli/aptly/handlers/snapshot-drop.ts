import type { App } from '../../../app/app.ts';
import { publicationText, snapshotText } from '../../../catalog/labels.ts';
import { sourcesOf } from '../../../catalog/publication-sources.ts';
import { EspejoError } from '../../../core/errors.ts';
import { dropSnapshot, type SnapshotUse } from '../../../snapshot/snapshots.ts';
import { boolFlag, type Handler } from '../../command.ts';
import { withApp } from '../../session.ts';
import { printLines } from '../snapshot-lines.ts';
import { unable } from '../unable.ts';

export const run: Handler = async (invocation) => {
  const [name = ''] = invocation.args;
  const force = boolFlag(invocation.flags, 'force');
  await withApp(invocation, async (app, { signal }) => {
    const use = await unable('unable to drop', () => dropSnapshot(app, name, { force, signal }));
    if (use === undefined) return;
    printLines(invocation, await useLines(app, name, use));
    throw use.kind === 'published'
      ? new EspejoError('E_OBJECT_IN_USE', 'unable to drop: snapshot is published')
      : new EspejoError(
          'E_OBJECT_IN_USE',
          "won't delete snapshot that was used as source for other snapshots, use -force to override",
        );
  });
  return { lines: [`Snapshot \`${name}\` has been dropped.`] };
};

async function useLines(app: App, name: string, use: SnapshotUse): Promise<readonly string[]> {
  if (use.kind === 'source') {
    return [
      `Snapshot \`${name}\` was used as a source in following snapshots:`,
      ...use.snapshots.map((snapshot) => ` * ${snapshotText(snapshot)}`),
    ];
  }
  const texts: string[] = [];
  for (const publication of use.publications) {
    texts.push(publicationText({ publication, sources: await sourcesOf(app, publication) }));
  }
  return [`Snapshot \`${name}\` is published currently:`, ...texts.map((text) => ` * ${text}`)];
}
