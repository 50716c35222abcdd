import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { collect } from '../support/collect.ts';
import {
  clientSees,
  deb,
  type EndpointUnderTest,
  leftOf,
  newerDeb,
  type OpenEndpoint,
  place,
  publish,
  publishWith,
  putForeign,
  signal,
} from './endpoint-under-test.ts';

/** How a run goes wrong: one change fails, or the process is as good as dead from then on. */
const ways = ['fails', 'dies'] as const;

/** Whatever a fault interrupts, clients see a whole tree, and the next run leaves nothing else. */
export function crashPromises(open: OpenEndpoint): void {
  for (const way of ways) {
    test(`a switch that ${way} at any change leaves a whole tree, and the next one leaves nothing else`, async (t) => {
      await atEachChange(t, { open, way }, async (tested, { dying }) => {
        await publishWith(tested.endpoint, 'one', 'first', { file: deb, store: tested.store });

        const isDone = await dying(() =>
          publishWith(tested.endpoint, 'two', 'second', { file: newerDeb, store: tested.store }),
        );

        const endpoint = tested.reopen();
        assert.match((await clientSees(tested.get)) ?? 'nothing', /^(first|second)$/);
        const { visible } = await endpoint.survey(place, { mayBeForeign: false });
        const seen = (await clientSees(tested.get)) ?? 'nothing';
        assert.deepEqual(visible, { kind: 'generation', id: seen === 'first' ? 'one' : 'two' });
        await publishWith(endpoint, 'three', 'third', { file: newerDeb, store: tested.store });
        assert.equal(await clientSees(tested.get), 'third');
        assert.deepEqual(await leftOf(endpoint, ['three'], [newerDeb.path]), []);
        return isDone;
      });
    });

    test(`a first publication that ${way} at any change is whole or nothing`, async (t) => {
      await atEachChange(t, { open, way }, async (tested, { dying }) => {
        const isDone = await dying(() =>
          publishWith(tested.endpoint, 'one', 'first', { file: deb, store: tested.store }),
        );

        const endpoint = tested.reopen();
        const { visible } = await endpoint.survey(place, { mayBeForeign: false });
        assert.equal(await clientSees(tested.get), visible.kind === 'nothing' ? undefined : 'first');
        await publishWith(endpoint, 'two', 'second', { file: newerDeb, store: tested.store });
        assert.equal(await clientSees(tested.get), 'second');
        assert.deepEqual(await leftOf(endpoint, ['two'], [newerDeb.path]), []);
        return isDone;
      });
    });

    test(`a take-over that ${way} at any change leaves their tree or ours`, async (t) => {
      await atEachChange(t, { open, way }, async (tested, { dying }) => {
        await putForeign(tested.put);

        const isDone = await dying(() =>
          publish(tested.endpoint, 'one', 'first', { carries: ['foreign'], takesOver: true }),
        );

        const endpoint = tested.reopen();
        const { visible } = await endpoint.survey(place, { mayBeForeign: true });
        assert.equal(await clientSees(tested.get), visible.kind === 'foreign' ? 'theirs' : 'first');
        await publish(endpoint, 'two', 'second', { takesOver: visible.kind === 'foreign' });
        assert.equal(await clientSees(tested.get), 'second');
        assert.deepEqual(await leftOf(endpoint, ['two']), []);
        return isDone;
      });
    });

    test(`a withdrawal that ${way} at any change is ended by the next`, async (t) => {
      await atEachChange(t, { open, way }, async (tested, { dying }) => {
        await publishWith(tested.endpoint, 'one', 'first', { file: deb, store: tested.store });

        const isDone = await dying(() => tested.endpoint.withdraw(place));

        const endpoint = tested.reopen();
        await endpoint.withdraw(place);
        await endpoint.remove('ubuntu', [deb.path], 'published');
        assert.equal(await clientSees(tested.get), undefined);
        assert.deepEqual(await collect(endpoint.files(place, signal)), []);
        return isDone;
      });
    });
  }
}

type Crash = {
  /** @returns whether the work came to its end */
  dying(work: () => Promise<void>): Promise<boolean>;
};

/** Runs a story with a fault at its first change, then at its second, until it comes to its end without one. */
async function atEachChange(
  context: TestContext,
  { open, way }: { readonly open: OpenEndpoint; readonly way: (typeof ways)[number] },
  story: (tested: EndpointUnderTest, crash: Crash) => Promise<boolean>,
): Promise<void> {
  let step = 0;
  for (let isDone = false; !isDone; step += 1) {
    const tested = await open(context);
    let left = step;
    const count = (): void => {
      left -= 1;
      if (left === -1 || (left < 0 && way === 'dies')) throw new Error('killed');
    };
    isDone = await story(tested, {
      async dying(work) {
        const { stop } = tested.watch(count);
        try {
          await work();
        } catch (error) {
          assert.match(String(error), /killed/);
        } finally {
          stop();
        }
        return left >= 0;
      },
    });
  }
  assert.ok(step > 3, `${step} steps`);
}
