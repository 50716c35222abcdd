import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { sha256Hex } from '../../../src/core/digest.ts';
import type { Event } from '../../../src/packages/events.ts';
import { listFiles, makeWorkshop, quietJob, type Workshop } from '../../support/publishing.ts';

/** The publication of one suite, beside the others. */
function publicationOf(suite: string): Parameters<Workshop['publish']>[0] {
  return { changes: { name: suite, distribution: suite, sources: [{ mirror: 'upstream', suite }] } };
}

const builds = {
  focal: { main: [{ name: 'hello', text: 'built on focal' }] },
  jammy: { main: [{ name: 'hello', text: 'built on jammy' }] },
};

/** What a client of a publication gets: the content of the file that its index names, which has the digest it says. */
async function fetched(workshop: Workshop, suite: string): Promise<Buffer> {
  const index = await readFile(workshop.at(`ubuntu/dists/${suite}/main/binary-amd64/Packages`), 'utf8');
  const path = /^Filename: (.*)$/m.exec(index)?.[1] ?? '';
  const bytes = await readFile(workshop.at(join('ubuntu', path)));
  assert.equal(sha256Hex(bytes), /^SHA256: (.*)$/m.exec(index)?.[1]);
  return bytes;
}

describe('suites that build one version each', () => {
  test('published beside each other, each has its own build', async (t) => {
    const workshop = await makeWorkshop(t);
    await workshop.stockSuites(builds);

    await workshop.publish(publicationOf('focal'));
    await workshop.publish(publicationOf('jammy'));

    assert.notDeepEqual(await fetched(workshop, 'focal'), await fetched(workshop, 'jammy'));
    await workshop.verify({ distribution: 'focal' });
    await workshop.verify({ distribution: 'jammy' });
    assert.equal((await workshop.publish(publicationOf('jammy'))).outcome, 'unchanged');
  });

  test('names stay as they are while others come and go', async (t) => {
    const workshop = await makeWorkshop(t);
    await workshop.stockSuites(builds);
    const short = { keepGenerations: 1, keepByHashSeconds: 1 };
    const publish = (suite: string): Promise<unknown> => {
      const { changes = {} } = publicationOf(suite) ?? {};
      return workshop.publish({ changes: { ...changes, ...short } });
    };
    await publish('focal');
    await publish('jammy');
    const before = await listFiles(workshop.at('ubuntu/pool'));
    workshop.advance(60);
    await workshop.stockSuites({
      focal: { main: [{ name: 'hello', version: '2.0' }] },
      jammy: { main: [{ name: 'hello', text: 'built on jammy' }, { name: 'other' }] },
    });

    for (const suite of ['focal', 'jammy']) await publish(suite);
    workshop.advance(60);
    for (const suite of ['focal', 'jammy']) await publish(suite);

    const after = await listFiles(workshop.at('ubuntu/pool'));
    const [ofJammy = ''] = before;
    assert.match(ofJammy, /hello\/[0-9a-f]{16}\/hello_1\.0_amd64\.deb$/);
    assert.deepEqual(after, [
      ofJammy,
      'main/h/hello/hello_2.0_amd64.deb',
      'main/o/other/other_1.0_amd64.deb',
    ]);
    await workshop.verify({ distribution: 'jammy' });
  });

  test('joined in one publication, the first suite counts, and a warning names the package', async (t) => {
    const workshop = await makeWorkshop(t);
    await workshop.stockSuites(builds);
    const events: Event[] = [];
    const job = { ...quietJob, report: (event: Event) => void events.push(event) };

    const { packages } = await workshop.publish({ changes: { distribution: 'focal' }, job });

    assert.equal(packages, 1);
    const warnings = events.flatMap((event) => (event.type === 'warning' ? event.message : []));
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /hello_1\.0_amd64: the suites focal and jammy of mirror upstream/);
    const joined = await fetched(workshop, 'focal');
    await workshop.publish({ changes: { ...publicationOf('focal')?.changes, distribution: 'apart' } });
    assert.deepEqual(await fetched(workshop, 'apart'), joined);
  });
});
