import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseReleaseDate, printReleaseDate } from '../../../src/deb/release-date.ts';

for (const [text, iso] of [
  ['Thu, 21 Apr 2016 23:23:46 UTC', '2016-04-21T23:23:46.000Z'],
  ['Fri, 11 Nov 2016  8:26:19 UTC', '2016-11-11T08:26:19.000Z'],
  ['Sat, 4 Jan 2025 10:00:00 +0100', '2025-01-04T09:00:00.000Z'],
  ['Sat, 04 Jan 2025 10:00:00 -0230', '2025-01-04T12:30:00.000Z'],
  ['29 Feb 2024 00:00 GMT', '2024-02-29T00:00:00.000Z'],
  ['Mon, 02 jan 2006 15:04:05 Z', '2006-01-02T15:04:05.000Z'],
  ['Mon, 02 Jan 2006 15:04:05', '2006-01-02T15:04:05.000Z'],
]) {
  test(`reads ${text}`, () => {
    assert.equal(parseReleaseDate(text ?? '').toISOString(), iso);
  });
}

for (const text of [
  '',
  '2016-04-21T23:23:46Z',
  'Thu, 31 Apr 2016 23:23:46 UTC',
  'Thu, 0 Apr 2016 23:23:46 UTC',
  'Thu, 21 Foo 2016 23:23:46 UTC',
  'Thu, 21 Apr 16 23:23:46 UTC',
  'Thu, 21 Apr 2016 24:00:00 UTC',
  'Thu, 21 Apr 2016 23:60:00 UTC',
  'Thu, 21 Apr 2016 23:23:46 CEST',
  'Thu, 21 Apr 2016 23:23:46 UTC UTC',
  'Thu, x1 Apr 2016 23:23:46 UTC',
]) {
  test(`refuses "${text}"`, () => {
    assert.throws(() => parseReleaseDate(text), { code: 'E_CONTROL_SYNTAX' });
  });
}

test('writes two digits for the day and UTC for the zone', () => {
  const text = printReleaseDate(new Date('2006-01-02T15:04:05.678Z'));

  assert.equal(text, 'Mon, 02 Jan 2006 15:04:05 UTC');
});
