import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProgressEvent } from '../../../src/core/progress.ts';
import { tallied } from '../../../src/core/tally.ts';
import { Oddities } from '../../../src/mirror/oddities.ts';

test('a storm is told by its first lines and counted whole', () => {
  const events: ProgressEvent[] = [];
  const { signal } = new AbortController();
  const { job, tally } = tallied({ signal, report: (event) => void events.push(event) });
  const oddities = new Oddities('Packages');
  for (let number = 0; number < 1000; number += 1)
    oddities.add({ kind: 'Size', message: `Packages: ${number}`, isLeftOut: true });
  oddities.add({ kind: 'a version', message: 'Packages: version', isLeftOut: false });

  oddities.report(job);

  assert.deepEqual(
    events.map((event) => ('message' in event ? event.message : '')),
    [
      ...[0, 1, 2, 3, 4].map((number) => `Packages: ${number}`),
      'Packages: and 995 more of this kind (Size, left out)',
      'Packages: version',
    ],
  );
  assert.deepEqual(tally(), { warnings: 1001, leftOut: { packages: 1000, reasons: { Size: 1000 } } });
});

test('what a failed attempt gathered is forgotten', () => {
  const { signal } = new AbortController();
  const { job, tally } = tallied({ signal, report: () => undefined });
  const oddities = new Oddities('Packages');
  oddities.add({ kind: 'Size', message: 'x', isLeftOut: true });

  oddities.clear();
  oddities.report(job);

  assert.equal(tally().warnings, 0);
});
