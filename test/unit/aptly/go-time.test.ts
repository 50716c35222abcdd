import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { goJsonTime, goTextTime } from '../../../src/aptly/go-time.ts';

const at = Date.UTC(2026, 10, 22, 20, 52, 4);

describe('goJsonTime', () => {
  it('has no fraction when there is none', () => {
    assert.equal(goJsonTime(at), '2026-11-22T20:52:04Z');
  });

  it('has no zeros at the end of the fraction', () => {
    assert.equal(goJsonTime(at + 120), '2026-11-22T20:52:04.12Z');
    assert.equal(goJsonTime(at + 5), '2026-11-22T20:52:04.005Z');
  });

  it('keeps nanoseconds', () => {
    assert.equal(goJsonTime({ at: at + 562, nanoseconds: 562_936_880 }), '2026-11-22T20:52:04.56293688Z');
  });

  it('keeps the zone that a time was written down in', () => {
    const nanoseconds = 37_303_907;

    assert.equal(goJsonTime({ at: at + 37, nanoseconds, zone: 240 }), '2026-11-23T00:52:04.037303907+04:00');
    assert.equal(goJsonTime({ at: at + 37, nanoseconds, zone: -210 }), '2026-11-22T17:22:04.037303907-03:30');
    assert.equal(goJsonTime({ at, nanoseconds: 0, zone: 0 }), '2026-11-22T20:52:04Z');
  });

  it('writes the zero time for never', () => {
    assert.equal(goJsonTime(null), '0001-01-01T00:00:00Z');
  });
});

describe('goTextTime', () => {
  it('writes the zone of a time as its offset', () => {
    assert.equal(goTextTime({ at, nanoseconds: 1, zone: 240 }), '2026-11-23 00:52:04 +0400');
    assert.equal(goTextTime({ at, nanoseconds: 1, zone: -210 }), '2026-11-22 17:22:04 -0330');
    assert.equal(goTextTime({ at, nanoseconds: 1 }), '2026-11-22 20:52:04 UTC');
  });

  it('writes seconds in UTC', () => {
    assert.equal(goTextTime(at + 999), '2026-11-22 20:52:04 UTC');
    assert.equal(goTextTime(null), '0001-01-01 00:00:00 UTC');
  });
});
