import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import type { EspejoError } from '../../../src/core/errors.ts';
import type { Event, Job } from '../../../src/packages/events.ts';
import type { PackageSpec } from '../../builders/packages.ts';
import { listFiles, makeWorkshop, quietJob, type Workshop } from '../../support/publishing.ts';

const good: PackageSpec = { name: 'good' };
const refused: PackageSpec = { name: 'bad', fields: { Depends: 'libc6 (>= 2.31' } };

function watchedJob(): { readonly job: Job; readonly warnings: () => readonly string[] } {
  const events: Event[] = [];
  return {
    job: { ...quietJob, report: (event) => events.push(event) },
    warnings: () => events.flatMap((event) => (event.type === 'warning' ? [event.message] : [])),
  };
}

async function index(workshop: Workshop): Promise<string> {
  return await readFile(workshop.at('ubuntu/dists/xenial/main/binary-amd64/Packages'), 'utf8');
}

describe('odd packages', () => {
  test('a relation that apt cannot parse is left out with a warning and counted', async (t) => {
    const workshop = await makeWorkshop(t);
    await workshop.stock({ main: [good, refused] });
    const { job, warnings } = watchedJob();

    const result = await workshop.publish({ job });

    assert.deepEqual(
      [result.packages, result.warnings, result.leftOut],
      [1, 1, { packages: 1, reasons: { 'refused by apt': 1 } }],
    );
    assert.deepEqual(warnings(), [
      'publication mirror: main: bad_1.0_amd64: Depends: column 8: the version is not closed (left out, for apt would refuse the whole index for it)',
    ]);
    assert.deepEqual((await index(workshop)).match(/^Package: .*$/gm), ['Package: good']);
    assert.deepEqual(await listFiles(workshop.at('ubuntu/pool')), ['main/g/good/good_1.0_amd64.deb']);
    await workshop.verify();
  });

  test('it is published all the same where the configuration says so', async (t) => {
    const workshop = await makeWorkshop(t);
    await workshop.stock({ main: [good, refused] });
    await workshop.publish();
    const { job, warnings } = watchedJob();

    const result = await workshop.publish({ job, deps: { unparseable: true } });

    assert.deepEqual(
      [result.outcome, result.packages, result.warnings, result.leftOut.packages],
      ['published', 2, 1, 0],
    );
    assert.match(warnings().join(), /bad_1\.0_amd64: Depends: column 8: .* \(published, though apt refuses/);
    assert.match(await index(workshop), /^Depends: libc6 \(>= 2\.31$/m);
  });

  test('verify names index, package, field and column of what apt refuses', async (t) => {
    const workshop = await makeWorkshop(t);
    const another = { name: 'worse', fields: { Provides: 'a | (' } };
    await workshop.stock({ main: [good, refused, another] });
    await workshop.publish({ deps: { unparseable: true } });

    await assert.rejects(workshop.verify(), (error: EspejoError) => {
      assert.equal(error.code, 'E_VERIFY_FAILED');
      const where = 'dists/xenial/main/binary-amd64/Packages';
      assert.deepEqual(error.context['problems'], [
        `${where}: bad_1.0_amd64: Depends: column 8: the version is not closed, and apt refuses the index for it`,
        `${where}: worse_1.0_amd64: Provides: column 5: a package name is missing, and apt refuses the index for it`,
      ]);
      return true;
    });
  });

  test('many are counted, ten are named', async (t) => {
    const workshop = await makeWorkshop(t);
    const many = Array.from({ length: 12 }, (_, at) => ({ ...refused, name: `bad${at}` }));
    await workshop.stock({ main: [good, ...many] });
    const { job, warnings } = watchedJob();

    const { leftOut, warnings: counted } = await workshop.publish({ job });

    assert.deepEqual([leftOut.packages, counted], [12, 12]);
    assert.equal(warnings().length, 11);
    assert.equal(warnings().at(-1), 'publication mirror: 2 more packages that apt refuses');
  });

  test('any Source and names of one letter have a directory', async (t) => {
    const workshop = await makeWorkshop(t);
    const sources = ['https://github.com/vendor/odd', 'two words', '@scope/app', '../../x', 'a', 'x (1', '?'];
    const odd = sources.map((Source, at) => ({ name: `odd${at}`, fields: { Source } }));
    await workshop.stock({ main: [...odd, { name: 'o' }] });

    const { packages } = await workshop.publish();

    assert.equal(packages, sources.length + 1);
    const files = await listFiles(workshop.at('.'));
    assert.deepEqual(
      files.filter((path) => path.includes('/odd')).map((path) => path.slice(0, path.lastIndexOf('/'))),
      ['a/a', 'o/odd0', 'o/odd1', 'o/odd2', 'o/odd3', 'o/odd6', 'x/x'].map(
        (directory) => `ubuntu/pool/main/${directory}`,
      ),
    );
    assert.ok(files.includes('ubuntu/pool/main/o/o/o_1.0_amd64.deb'));
    await workshop.verify();
  });
});
