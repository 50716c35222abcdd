import type { ExactMoment, Moment } from '../catalog/objects.ts';

/** Null is Go's zero time, which aptly stores for never. */
export type GoTime = Moment | null;

/**
 * Go's `time.RFC3339Nano`, as `json.Marshal` writes times: no fraction when it is zero, no final zeros in it, and the
 * zone that the time was written down in.
 */
export function goJsonTime(time: GoTime): string {
  if (time === null) return '0001-01-01T00:00:00Z';
  const { nanoseconds, zone = 0, ...rest } = exact(time);
  const digits = nanoseconds.toString().padStart(9, '0').replace(/0+$/, '');
  const offset = zone === 0 ? 'Z' : offsetText(zone, ':');
  return `${isoSeconds(rest.at, zone)}${digits === '' ? '' : `.${digits}`}${offset}`;
}

/**
 * Go's `2006-01-02 15:04:05 MST`. A zone other than UTC is written as its offset: the database has no name of it, and
 * Go writes it so unless it is that of the machine.
 */
export function goTextTime(time: GoTime): string {
  if (time === null) return '0001-01-01 00:00:00 UTC';
  const { at, zone } = exact(time);
  const name = zone === undefined ? 'UTC' : offsetText(zone, '');
  return `${isoSeconds(at, zone ?? 0).replace('T', ' ')} ${name}`;
}

/** Orders moments, the earlier first. */
export function compareMoments(a: Moment, b: Moment): number {
  const [one, other] = [exact(a), exact(b)];
  return one.at - other.at || one.nanoseconds - other.nanoseconds;
}

function exact(time: Moment): ExactMoment {
  if (typeof time !== 'number') return time;
  return { at: time, nanoseconds: (time - Math.floor(time / 1000) * 1000) * 1e6 };
}

/** `YYYY-MM-DDThh:mm:ss` in a zone of so many minutes. */
function isoSeconds(at: number, zone: number): string {
  return new Date(at + zone * 60_000).toISOString().slice(0, 19);
}

/** `+04:00` */
function offsetText(zone: number, colon: string): string {
  const minutes = Math.abs(zone);
  const [hour, minute] = [Math.floor(minutes / 60), minutes % 60].map((part) =>
    String(part).padStart(2, '0'),
  );
  return `${zone < 0 ? '-' : '+'}${hour}${colon}${minute}`;
}
