import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { parseRelease } from '../../../src/deb/release.ts';
import { listFiles, makeWorkshop, readRelease, type Workshop } from '../../support/publishing.ts';

const byHash = 'ubuntu/dists/xenial/main/binary-amd64/by-hash/SHA256';

describe('what was published before', () => {
  test('old by-hash files are reachable for the configured time and gone after it', async (t) => {
    const workshop = await makeWorkshop(t, { changes: { keepGenerations: 1, keepByHashSeconds: 600 } });
    await publishVersion(workshop, '1.0');
    const old = await packagesDigest(workshop);
    await publishVersion(workshop, '2.0');
    workshop.advance(599 - 60);
    await publishVersion(workshop, '3.0');
    const within = (await readdir(workshop.at(byHash))).includes(old);
    workshop.advance(60);

    await publishVersion(workshop, '4.0');

    const after = (await readdir(workshop.at(byHash))).includes(old);
    assert.deepEqual([within, after], [true, false]);
  });

  test('the newest generations are kept by number, older ones go with their packages', async (t) => {
    const workshop = await makeWorkshop(t, { changes: { keepGenerations: 2, keepByHashSeconds: 0 } });

    for (const version of ['1.0', '2.0', '3.0', '4.0']) await publishVersion(workshop, version);

    assert.equal((await readdir(workshop.at('ubuntu/dists/.espejo/xenial'))).length, 2);
    assert.equal((await workshop.catalog.generations('ubuntu/xenial')).length, 2);
    assert.deepEqual(await listFiles(workshop.at('ubuntu/pool')), [
      'main/h/hello/hello_3.0_amd64.deb',
      'main/h/hello/hello_4.0_amd64.deb',
    ]);
  });

  test('a package stays while a generation of another publication of the prefix names it', async (t) => {
    const workshop = await makeWorkshop(t, { changes: { keepGenerations: 1, keepByHashSeconds: 0 } });
    await workshop.stock({ main: [{ name: 'hello', version: '1.0' }] });
    await workshop.publish({ changes: { name: 'frozen', distribution: 'frozen' } });

    for (const version of ['1.0', '2.0', '3.0']) await publishVersion(workshop, version);

    await workshop.verify({ distribution: 'frozen' });
    await workshop.verify();
    assert.deepEqual(await listFiles(workshop.at('ubuntu/pool')), [
      'main/h/hello/hello_1.0_amd64.deb',
      'main/h/hello/hello_3.0_amd64.deb',
    ]);
  });

  test('a publish without news cleans up what has expired meanwhile', async (t) => {
    const workshop = await makeWorkshop(t, { changes: { keepGenerations: 1, keepByHashSeconds: 600 } });
    await publishVersion(workshop, '1.0');
    await publishVersion(workshop, '2.0');
    workshop.advance(601);

    const { outcome } = await workshop.publish();

    assert.equal(outcome, 'unchanged');
    assert.deepEqual(await listFiles(workshop.at('ubuntu/pool')), ['main/h/hello/hello_2.0_amd64.deb']);
  });

  test('directories that become empty go, the rest stays', async (t) => {
    const workshop = await makeWorkshop(t, { changes: { keepGenerations: 1, keepByHashSeconds: 0 } });
    await workshop.stock({ main: [{ name: 'hello' }, { name: 'zebra' }] });
    await workshop.publish();
    workshop.advance(60);
    await workshop.stock({ main: [{ name: 'hello' }] });

    await workshop.publish();

    assert.deepEqual(await readdir(workshop.at('ubuntu/pool/main')), ['h']);
  });
});

async function publishVersion(workshop: Workshop, version: string): Promise<void> {
  workshop.advance(60);
  await workshop.stock({ main: [{ name: 'hello', version }] });
  await workshop.publish();
}

async function packagesDigest(workshop: Workshop): Promise<string> {
  const release = parseRelease(Buffer.from(await readRelease(workshop)), 'Release');
  return release.files.get('main/binary-amd64/Packages')?.digests.sha256 ?? '';
}
