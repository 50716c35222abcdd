/** A moment in milliseconds since 1970; null is Go's zero time, which aptly stores for never. */
export type GoTime = number | null;

/**
 * Go's `time.RFC3339Nano` in UTC, as `json.Marshal` writes times: no fraction when it is zero, no final zeros in it.
 * @param nanoseconds within the second, for times that know more than the milliseconds
 */
export function goJsonTime(time: GoTime, nanoseconds?: number): string {
  if (time === null) return '0001-01-01T00:00:00Z';
  const seconds = Math.floor(time / 1000);
  const fraction = nanoseconds ?? Math.round((time - seconds * 1000) * 1e6);
  const digits = fraction.toString().padStart(9, '0').replace(/0+$/, '');
  return `${isoSeconds(seconds)}${digits === '' ? '' : `.${digits}`}Z`;
}

/** Go's `2006-01-02 15:04:05 MST`; aptly keeps its times in UTC, so that the zone of the machine plays no part. */
export function goTextTime(time: GoTime): string {
  if (time === null) return '0001-01-01 00:00:00 UTC';
  return `${isoSeconds(Math.floor(time / 1000)).replace('T', ' ')} UTC`;
}

/** `YYYY-MM-DDThh:mm:ss` */
function isoSeconds(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19);
}
