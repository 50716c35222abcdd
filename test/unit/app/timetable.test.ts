import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type TimedTask, Timetable } from '../../../src/app/timetable.ts';
import { manualClock } from '../../support/manual-clock.ts';

const minute = 60_000;
const hour = 60 * minute;

describe('the timetable', () => {
  it('runs a task by its cron expression in its time zone', async () => {
    const { clock, runs, table } = scene();
    table.set([task('round', { cron: '30 2 * * *', timezone: 'Europe/Madrid' }, runs)]);

    await clock.pass(24 * hour);

    assert.deepEqual(runs, ['round 1970-01-01T01:30:00.000Z']);
  });

  it('tries again after minutes, longer after each failure, and by its times once it went well', async () => {
    const { clock, runs, table, retries } = scene();
    const outcomes = [false, false, false, false, true];
    table.set([task('round', { cron: '0 */4 * * *' }, runs, () => outcomes.shift() ?? true)]);

    await clock.pass(9 * hour);

    assert.deepEqual(
      runs.map((run) => run.slice(-13, -8)),
      ['04:00', '04:01', '04:03', '04:08', '04:23', '08:00'],
    );
    assert.deepEqual(
      retries,
      [1, 2, 5, 15].map((minutes) => `round ${minutes * minute}`),
    );
  });

  it('does not try again later than the next regular time', async () => {
    const { clock, runs, table, retries } = scene();
    table.set([task('round', { cron: '* * * * *' }, runs, () => false)]);

    await clock.pass(5 * minute);

    assert.equal(runs.length, 5);
    assert.deepEqual(retries, []);
  });

  it('never waits longer than an hour and a fifth', async () => {
    const { clock, runs, table, retries } = scene(1);
    table.set([task('round', { cron: '0 0 1 1 *' }, runs, () => false)]);

    table.start('round');
    await clock.pass(48 * hour);

    assert.equal(retries.at(-1), `round ${1.2 * hour}`);
    assert.ok(runs.length > 40);
  });

  it('runs one task at a time, and the one that waited afterwards', async () => {
    const { clock, runs, table } = scene();
    const gate = Promise.withResolvers<boolean>();
    const slow = (): Promise<boolean> => {
      runs.push('slow');
      return gate.promise;
    };
    table.set([
      { ...task('slow', { cron: '0 * * * *' }, runs), run: slow },
      task('clean', { cron: '5 1 * * *' }, runs),
    ]);

    await clock.pass(hour + 10 * minute);
    const before = [...runs];
    gate.resolve(true);
    await clock.pass(minute);

    assert.deepEqual(before, ['slow']);
    assert.deepEqual(runs, ['slow', 'clean 1970-01-01T01:10:00.000Z']);
  });

  it('takes new times, new tasks and no removed ones', async () => {
    const { clock, runs, table } = scene();
    table.set([task('old', { cron: '0 * * * *' }, runs), task('round', { cron: '0 * * * *' }, runs)]);
    await clock.pass(30 * minute);

    table.set([task('round', { cron: '45 * * * *' }, runs)]);
    await clock.pass(hour);

    assert.deepEqual(runs, ['round 1970-01-01T00:45:00.000Z']);
  });

  it('ends when what is under way has ended, and starts nothing more', async () => {
    const { clock, runs, table } = scene();
    table.set([task('round', { cron: '* * * * *' }, runs)]);
    table.start('round');

    await table.end();
    table.start('round');
    await clock.pass(hour);

    assert.equal(runs.length, 0);
  });
});

function scene(random = 0.5) {
  const clock = manualClock();
  const runs: string[] = [];
  const retries: string[] = [];
  now = clock.now;
  const table = new Timetable({
    clock,
    random: () => random,
    onRetry: (name, waitMs) => retries.push(`${name} ${waitMs}`),
  });
  return { clock, runs, table, retries };
}

let now: () => number = Date.now;

function task(
  name: string,
  { cron, timezone = 'UTC' }: { readonly cron: string; readonly timezone?: string },
  runs: string[],
  outcome: () => boolean = () => true,
): TimedTask {
  const run = async (): Promise<boolean> => {
    runs.push(`${name} ${new Date(now()).toISOString()}`);
    return outcome();
  };
  return { name, cron, timezone, run };
}
