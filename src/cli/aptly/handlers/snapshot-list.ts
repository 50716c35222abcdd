import {
  snapshotJson,
  snapshotListLines,
  snapshotOrder,
  sortSnapshots,
} from '../../../aptly/objects/snapshot-text.ts';
import { EspejoError } from '../../../core/errors.ts';
import { renderGoJson } from '../../../go/go-json.ts';
import { boolFlag, type Handler, stringFlag } from '../../command.ts';
import { withApp } from '../../session.ts';

export const run: Handler = async (invocation) => {
  const { flags, root } = invocation;
  const word = stringFlag(flags, 'sort') ?? 'name';
  const order = snapshotOrder(word);
  if (order === undefined)
    throw new EspejoError('E_BAD_VALUE', `sorting method "${word}" unknown`, { hint: 'name or time' });
  const all = await withApp(invocation, (app) => app.catalog.objects.all('snapshot'));
  const snapshots = sortSnapshots(all, order);
  if (boolFlag(flags, 'json')) {
    const json = snapshots.map((snapshot) => snapshotJson(snapshot));
    return { lines: renderGoJson(json, 2).split('\n') };
  }
  if (boolFlag(flags, 'raw')) return { lines: snapshots.map(({ name }) => name) };
  return { lines: snapshotListLines(snapshots, root.name) };
};
