import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Contribution, withoutRepeats } from '../../../src/publish/plan.ts';
import { makePackage } from '../../builders/packages.ts';

async function contribution(mirror: string, suite: string, text: string): Promise<Contribution> {
  const { record } = await makePackage({ name: 'hello', text });
  return { mirror, suite, records: [record] };
}

test('of two suites of one mirror the first counts, and the other is told', async () => {
  const focal = await contribution('docker', 'focal', 'one');
  const jammy = await contribution('docker', 'jammy', 'two');

  const { records, overruled } = withoutRepeats('main', [focal, jammy]);

  assert.deepEqual(records, focal.records);
  assert.deepEqual(overruled, [{ label: 'hello_1.0_amd64', mirror: 'docker', used: 'focal', left: 'jammy' }]);
});

test('of two mirrors nobody has said which comes first', async () => {
  const here = await contribution('one', 'stable', 'one');
  const there = await contribution('other', 'stable', 'two');

  assert.throws(() => withoutRepeats('main', [here, there]), {
    code: 'E_PUBLISH_CONFLICT',
    message: /hello_1\.0_amd64/,
  });
});
