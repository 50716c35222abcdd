import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../src/app/clock.ts';

/** A clock that stands at 1970 until it is told to go on. */
export function manualClock(): Clock & { readonly pass: (milliseconds: number) => Promise<void> } {
  let time = 0;
  const timers = new Set<{ readonly at: number; readonly call: () => void }>();
  const nextDue = (until: number) =>
    [...timers].filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0];
  return {
    now: () => time,
    after(milliseconds, call) {
      const timer = { at: time + milliseconds, call };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    /** Lets time go by, and whatever is due happen at its time. */
    async pass(milliseconds) {
      const until = time + milliseconds;
      await setImmediate();
      for (let timer = nextDue(until); timer !== undefined; timer = nextDue(until)) {
        timers.delete(timer);
        time = timer.at;
        timer.call();
        await setImmediate();
      }
      time = until;
    },
  };
}
