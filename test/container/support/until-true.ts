import { setTimeout as sleep } from 'node:timers/promises';

/** Looks once a second until what it sees fits, for at most `seconds`; returns that sight. */
export async function untilTrue(
  look: () => Promise<string>,
  fits: (seen: string) => boolean,
  seconds = 100,
): Promise<string> {
  for (let left = seconds; ; left -= 1) {
    const seen = await look();
    if (fits(seen)) return seen;
    if (left <= 0) throw new Error(`not seen within ${seconds} seconds; the last sight:\n${seen}`);
    await sleep(1000);
  }
}
