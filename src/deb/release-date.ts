import { EspejoError } from '../core/errors.ts';
import { wordsOf } from './words.ts';

/**
 * Reads a date as Debian and Ubuntu write it in Release files (RFC 2822 with a zone name allowed):
 * `Thu, 21 Apr 2016 23:23:46 UTC`, `Fri, 11 Nov 2016  8:26:19 UTC`, `Sat, 4 Jan 2025 10:00:00 +0100`.
 * @throws E_CONTROL_SYNTAX
 */
export function parseReleaseDate(text: string): Date {
  const [first = '', ...others] = wordsOf(text);
  const words = first.endsWith(',') ? others : [first, ...others];
  const [day, month, year, time, zone = 'UTC'] = fromAsctime(words) ?? words;
  const fields = /^([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?$/.exec(time ?? '');
  const monthIndex = months.indexOf(month?.toLowerCase() ?? '');
  const offset = zoneMinutes(zone);
  if (fields === null || monthIndex < 0 || offset === undefined || words.length > 5) throw malformed(text);
  if (!/^[0-9]{1,2}$/.test(day ?? '') || !/^[0-9]{4}$/.test(year ?? '')) throw malformed(text);
  const [hours, minutes, seconds] = [Number(fields[1]), Number(fields[2]), Number(fields[3] ?? 0)];
  const local = new Date(Date.UTC(Number(year), monthIndex, Number(day), hours, minutes, seconds));
  const exists = local.getUTCDate() === Number(day) && hours < 24 && minutes < 60 && seconds <= 60;
  if (!exists) throw malformed(text);
  return new Date(local.getTime() - offset * 60_000);
}

/**
 * Writes a date so that apt 1.2 to 3.0 read it: `Thu, 21 Apr 2016 23:23:46 UTC`, day with two digits. apt knows the
 * zones `UTC`, `GMT` and `Z` only (and `+0000` since 1.3). aptly writes the same without the zero.
 */
export function printReleaseDate(date: Date): string {
  return date.toUTCString().replace('GMT', 'UTC');
}

/** `Thu Apr 21 23:23:46 2016`, which apt reads too, in the order of the other form. */
function fromAsctime(words: readonly string[]): readonly string[] | undefined {
  const [weekday = '', month = '', day = '', time = '', year = '', ...others] = words;
  const fits = /^[A-Z][a-z]{2}$/.test(weekday) && /^[0-9]{4}$/.test(year) && others.length === 0;
  return fits ? [day, month, year, time] : undefined;
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Minutes east of Greenwich, or undefined for a zone that is none. */
function zoneMinutes(zone: string): number | undefined {
  if (zone === 'UTC' || zone === 'GMT' || zone === 'Z') return 0;
  const match = /^([+-])([0-9]{2})([0-5][0-9])$/.exec(zone);
  if (match === null) return undefined;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === '-' ? -minutes : minutes;
}

function malformed(text: string): EspejoError {
  return new EspejoError('E_CONTROL_SYNTAX', `"${text}" is not a date`, {
    hint: 'it should look like "Thu, 21 Apr 2016 23:23:46 UTC"',
  });
}
