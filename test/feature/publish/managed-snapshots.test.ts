import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SnapshotObject } from '../../../src/catalog/objects.ts';
import type { PublicationConfig } from '../../../src/config/config.ts';
import type { Signer } from '../../../src/openpgp/contract.ts';
import { makePublicationObject, makeSnapshotObject } from '../../builders/library-objects.ts';
import { makeWorkshop, type Workshop } from '../../support/publishing.ts';

describe('snapshots that publishing makes', () => {
  test('go with their generations, and the piles of earlier versions of espejo too', async (t) => {
    const workshop = await makeWorkshop(t, { changes: { keepGenerations: 2, keepByHashSeconds: 0 } });
    await pile(workshop, 'mirror-main-20250101T000000Z', 'mirror-main-20250101T000000Z-2');

    for (const version of ['1.0', '2.0', '3.0', '4.0']) await publishVersion(workshop, version);

    const generations = await workshop.catalog.generations('ubuntu/xenial');
    const published = generations.flatMap(({ components }) => components.map(({ sourceName }) => sourceName));
    assert.equal(published.length, 2);
    assert.deepEqual(await namesOf(workshop), published.sort());
  });

  test('stay while a snapshot, a publication or a staged change needs them', async (t) => {
    const workshop = await makeWorkshop(t, { changes: { keepGenerations: 3, keepByHashSeconds: 0 } });
    const first = await publishVersion(workshop, '1.0');
    const second = await publishVersion(workshop, '2.0');
    const third = await publishVersion(workshop, '3.0');
    const changes = { keepGenerations: 1 };
    await workshop.catalog.objects.change([
      {
        save: 'snapshot',
        object: makeSnapshotObject({ uuid: 'u', name: 'own', sourceIds: [first.uuid] }),
      },
      {
        save: 'publication',
        object: makePublicationObject({
          name: 'other/one',
          sources: { main: second.uuid },
          revision: { main: third.name },
        }),
      },
    ]);

    const fourth = await publishVersion(workshop, '4.0', changes);
    const held = await namesOf(workshop);
    await workshop.catalog.objects.change([
      { drop: 'snapshot', uuid: 'u' },
      { drop: 'publication', uuid: makePublicationObject().uuid },
    ]);
    await workshop.publish({ changes });

    assert.deepEqual(held, ['own', ...[first, second, third, fourth].map(({ name }) => name)].sort());
    assert.deepEqual(await namesOf(workshop), [fourth.name]);
  });

  test('are left alone when they only look like it', async (t) => {
    const workshop = await makeWorkshop(t, { changes: { keepGenerations: 1, keepByHashSeconds: 0 } });
    await workshop.catalog.objects.change([
      { save: 'snapshot', object: makeSnapshotObject({ uuid: 'a', name: 'mirror-main-20250101T000000Z' }) },
      {
        save: 'snapshot',
        object: makeSnapshotObject({ uuid: 'b', name: 'kept', sourceKind: 'mirror', description: legacy }),
      },
    ]);

    await publishVersion(workshop, '1.0');

    const names = await namesOf(workshop);
    assert.equal(names.length, 3);
    assert.deepEqual([names[0], names[2]], ['kept', 'mirror-main-20250101T000000Z']);
  });

  test('are not left by a publish that fails, before or while it writes', async (t) => {
    const workshop = await makeWorkshop(t);
    const before = await publishVersion(workshop, '1.0');
    workshop.advance(60);
    await workshop.stock({ main: [{ name: 'hello', version: '2.0' }] });
    const signer: Signer = {
      fingerprints: workshop.signer.fingerprints,
      primaryFingerprints: workshop.signer.primaryFingerprints,
      publicKey: workshop.signer.publicKey,
      warnings: [],
      detachSign: (...all) => workshop.signer.detachSign(...all),
      clearsign: () => Promise.reject(new Error('no')),
    };

    await assert.rejects(workshop.publish({ signer }), /no/);
    const afterSigning = await namesOf(workshop);
    workshop.advance(-3600 * 24);
    await assert.rejects(workshop.publish(), { code: 'E_RELEASE_FUTURE' });

    assert.deepEqual(afterSigning, [before.name]);
    assert.deepEqual(await namesOf(workshop), [before.name]);
  });
});

const legacy = 'Component main from upstream';

/** Snapshots as espejo kept them before it marked them. */
async function pile({ catalog }: Workshop, ...names: readonly string[]): Promise<void> {
  await catalog.objects.change(
    names.map((name) => ({
      save: 'snapshot',
      object: makeSnapshotObject({ uuid: name, name, sourceKind: 'mirror', description: legacy }),
    })),
  );
}

/** @returns the new snapshot */
async function publishVersion(
  workshop: Workshop,
  version: string,
  changes: Partial<PublicationConfig> = {},
): Promise<SnapshotObject> {
  workshop.advance(60);
  await workshop.stock({ main: [{ name: 'hello', version }] });
  const {
    snapshots: [name = ''],
  } = await workshop.publish({ changes });
  const made = await workshop.catalog.objects.find('snapshot', name);
  assert.ok(made);
  return made;
}

async function namesOf({ catalog }: Workshop): Promise<readonly string[]> {
  return (await catalog.objects.all('snapshot')).map(({ name }) => name);
}
