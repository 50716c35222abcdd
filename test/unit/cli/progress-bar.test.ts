import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { progressBar } from '../../../src/cli/progress-bar.ts';
import { progressLine } from '../../../src/cli/progress-line.ts';
import { ProgressState } from '../../../src/cli/progress-state.ts';

const mebibyte = 2 ** 20;
const url = (file: number): string => `http://up.example/${file}.deb`;

/** 100 files of 1 MiB: a quarter there after five seconds. */
function quarter(): ProgressState {
  let now = 0;
  const state = new ProgressState(() => now);
  state.apply({ type: 'phase', phase: 'download', subject: 'xenial' });
  state.apply({ type: 'queue', files: 100, bytes: 100 * mebibyte });
  for (let file = 0; file < 25; file += 1) {
    state.apply({ type: 'fetch-start', url: url(file), bytes: mebibyte });
    state.apply({ type: 'fetch-end', url: url(file), bytes: mebibyte });
  }
  now = 5000;
  return state;
}

describe('the line of progress', () => {
  for (const [width, line] of [
    [
      120,
      'xenial: downloading packages [======                  ] 25%, 25/100 files, 25.00 MiB of 100.00 MiB, 5.00 MiB/s, 15 s left',
    ],
    [79, 'xenial: downloading packages [===         ] 25%, 25/100 files, 5.00 MiB/s, 15 s left'],
    [60, 'xenial: [===         ] 25%, 25/100 files, 5.00 MiB/s, 15 s left'],
    [40, '25%, 25/100 files, 5.00 MiB/s, 15 s left'],
    [30, '25%, 5.00 MiB/s, 15 s left'],
    [5, '25%'],
  ] as const) {
    it(`at ${width} columns has percent, rate and time left as far as they fit`, () => {
      const found = progressLine(quarter(), width);

      assert.ok(found.length <= width, found);
      assert.equal(found.replace(/\[[= ]+\] /, ''), line.replace(/\[[= ]+\] /, ''));
    });
  }

  it('tells what is read while nobody knows how much there is', () => {
    const state = new ProgressState(() => 0);
    state.apply({ type: 'phase', phase: 'indexes', subject: 'xenial' });
    state.apply({ type: 'fetch-start', url: url(1), bytes: undefined });
    state.apply({ type: 'fetch-progress', url: url(1), bytes: 3 * mebibyte });

    assert.equal(progressLine(state, 79), 'xenial: reading package indexes 0 files, 3.00 MiB');
  });

  it('shortens a phase that does not fit', () => {
    const state = new ProgressState(() => 0);
    state.apply({ type: 'phase', phase: 'select', subject: 'a-name-that-is-long' });

    assert.equal(progressLine(state, 20), 'a-name-that-is-long…');
  });

  it('says that it is stalled, and forgets an attempt that failed', () => {
    let now = 0;
    const state = new ProgressState(() => now);
    state.apply({ type: 'queue', files: 1, bytes: 1000 });
    state.apply({ type: 'fetch-progress', url: url(1), bytes: 400 });
    state.apply({ type: 'retry', url: url(1), attempt: 1, waitMs: 1, reason: 'x' });
    now = 5000;

    assert.match(progressLine(state, 79), / 0%, 0\/1 files, 0 B of 1\.00 KiB|0%.*stalled/);
    assert.match(progressLine(state, 79), /stalled/);
  });

  it('ends at a hundred percent', () => {
    const state = new ProgressState(() => 0);
    state.apply({ type: 'queue', files: 1, bytes: 1000 });
    state.apply({ type: 'fetch-end', url: url(1), bytes: 1000 });

    assert.match(progressLine(state, 79), /^\[=+\] 100%, 1\/1 files/);
  });
});

describe('the bar', () => {
  it('is cleared before every other text, and at the end', () => {
    const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY: true, columns: 40 });
    const bar = progressBar(stream, () => 0);
    const clear = '\r\u001b[K';
    const line = 'xenial: selecting packages';
    const phase = { type: 'phase', phase: 'select', subject: 'xenial' } as const;

    bar.report(phase);
    bar.report({ type: 'warning', message: 'beware' });
    bar.report(phase);
    bar.clear();
    bar.report(phase);
    bar.say('text');
    bar.end();
    bar.end();

    assert.equal(stream.read(), `${line}${clear}warning: beware\n${line}${clear}${line}${clear}text\n`);
  });
});
