import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, test } from 'node:test';
import type { PublishDeps } from '../../../src/publish/release.ts';
import { counting } from '../../support/counting.ts';
import { listFiles, makeWorkshop, testSigner, type Workshop } from '../../support/publishing.ts';

describe('a publish that dies', () => {
  test('at any call of a collaborator leaves a whole tree, and the next one finishes without leftovers', async (t) => {
    const workshop = await makeWorkshop(t, {
      changes: { architectures: ['amd64'], keepGenerations: 1, keepByHashSeconds: 0 },
    });
    await workshop.stock({ main: [{ name: 'hello', version: '1' }, { name: 'stays' }] });
    await workshop.publish();
    let steps = 0;
    for (let survived = false; !survived; steps += 1) {
      workshop.advance(60);
      const version = `2.${steps}`;
      await workshop.stock({ main: [{ name: 'hello', version }, { name: 'stays' }] });
      survived = await publishUntil(workshop, steps);
      await workshop.verify();
      workshop.advance(60);

      await workshop.publish();

      await assertTidy(workshop, [`main/h/hello/hello_${version}_amd64.deb`]);
      await workshop.verify();
    }

    assert.ok(steps > 8, `${steps} steps`);
  });

  test('and whose content is never published after all leaves nothing either', async (t) => {
    const workshop = await makeWorkshop(t, { changes: { keepGenerations: 1, keepByHashSeconds: 0 } });
    const old = { main: [{ name: 'hello', version: '1' }, { name: 'stays' }] };
    await workshop.stock(old);
    await workshop.publish();
    workshop.advance(60);
    await workshop.stock({ main: [{ name: 'hello', version: '2' }, { name: 'stays' }] });
    const signer = { ...(await testSigner()), detachSign: () => Promise.reject(new Error('killed')) };
    await assert.rejects(workshop.publish({ signer }), /killed/);
    await workshop.stock(old);

    const { outcome } = await workshop.publish();

    assert.equal(outcome, 'unchanged');
    await assertTidy(workshop, ['main/h/hello/hello_1_amd64.deb']);
  });

  test('by SIGKILL between any two system calls leaves names that the next one clears', async (t) => {
    const workshop = await makeWorkshop(t, { changes: { keepGenerations: 1, keepByHashSeconds: 0 } });
    await workshop.stock({ main: [{ name: 'hello', version: '1' }, { name: 'stays' }] });
    await workshop.publish();
    workshop.advance(60);
    await workshop.stock({ main: [{ name: 'hello', version: '2' }, { name: 'stays' }] });
    let isKilled = false;
    const kill = (): Promise<never> => {
      isKilled = true;
      return Promise.reject(new Error('killed'));
    };
    const catalog = counting(workshop.catalog, () => assert.ok(!isKilled));
    const signer = { ...(await testSigner()), detachSign: kill };
    await assert.rejects(workshop.publish({ signer, deps: { catalog } }), /killed/);
    await leave(workshop, 'ubuntu/pool/main/h/hello/.hello_2_amd64.deb.new');
    await leave(workshop, 'ubuntu/pool/main/s/stays/.stays_1.0_amd64.deb.new');
    await leave(workshop, 'ubuntu/dists/.espejo/xenial/.building-20240601T120100Z-0123456789ab/Release');
    await leave(workshop, 'ubuntu/dists/.espejo/xenial/20240601T120100Z-0123456789ab/Release');
    await symlink('.espejo/xenial/nowhere', workshop.at('ubuntu/dists/.xenial.new'));

    await workshop.publish();

    await assertTidy(workshop, ['main/h/hello/hello_2_amd64.deb']);
    await workshop.verify();
  });
});

/** Runs a publish whose collaborators fail for good after `steps` calls; tells whether it got to its end. */
async function publishUntil(workshop: Workshop, steps: number): Promise<boolean> {
  let left = steps;
  const count = (): void => {
    left -= 1;
    if (left < 0) throw new Error('killed');
  };
  const deps: PublishDeps = {
    ...workshop.deps,
    catalog: counting(workshop.catalog, count),
    pool: counting(workshop.pool, count),
    endpoints: { of: (storage) => counting(workshop.deps.endpoints.of(storage), count) },
    now: () => {
      count();
      return workshop.clock.now;
    },
  };
  try {
    await workshop.publish({ deps, signer: counting(await testSigner(), count) });
    return true;
  } catch (error) {
    assert.match(String(error), /killed/);
    return false;
  }
}

async function leave(workshop: Workshop, path: string): Promise<void> {
  await mkdir(dirname(workshop.at(path)), { recursive: true });
  await writeFile(workshop.at(path), 'left behind');
}

/** Nothing but one generation, its link, and its packages. */
async function assertTidy(workshop: Workshop, packages: readonly string[]): Promise<void> {
  const generations = await workshop.catalog.generations('ubuntu/xenial');
  assert.equal(generations.length, 1);
  const strangers = (await listFiles(workshop.at('ubuntu/dists'))).filter(
    (path) => path !== 'xenial' && !path.startsWith(`.espejo/xenial/${generations[0]?.id}/`),
  );
  assert.deepEqual(strangers, []);
  assert.deepEqual(await listFiles(workshop.at('ubuntu/pool')), [
    ...packages,
    'main/s/stays/stays_1.0_amd64.deb',
  ]);
}
