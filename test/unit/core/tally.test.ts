import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProgressEvent } from '../../../src/core/progress.ts';
import { tallied } from '../../../src/core/tally.ts';

test('warnings are counted as they pass, and those that are told in another way beside them', () => {
  const passed: ProgressEvent[] = [];
  const { signal } = new AbortController();
  const { job, count, tally } = tallied({ signal, report: (event) => void passed.push(event) });

  job.report({ type: 'note', message: 'no warning' });
  job.report({ type: 'warning', message: 'one' });
  job.report({ type: 'warning', message: 'three', count: 3, leftOut: 'Size' });
  count({});
  count({ leftOut: 'Size' });

  assert.equal(passed.length, 3);
  assert.deepEqual(tally(), { warnings: 6, leftOut: { packages: 4, reasons: { Size: 4 } } });
});
