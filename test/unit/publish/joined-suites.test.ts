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

test('identical files are one package, also where an older catalog knew fewer of their digests', async () => {
  const whole = await contribution('one', 'stable', 'same');
  const [record] = whole.records;
  assert.ok(record);
  const [file] = record.files;
  assert.ok(file);
  const { sha256 = '' } = file.digests;
  const old = {
    ...record,
    key: 'Pamd64 hello 1.0 0123456789abcdef',
    files: [{ ...file, digests: { sha256 } }],
  };

  const { records, overruled } = withoutRepeats('main', [
    whole,
    { mirror: 'other', suite: 'stable', records: [old] },
  ]);

  assert.deepEqual(records, whole.records);
  assert.deepEqual(overruled, []);
});
