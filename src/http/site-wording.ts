/** Date and time to the minute: `2016-04-21 23:23 UTC`. */
export function formatTime(time: Date): string {
  return Number.isNaN(time.getTime())
    ? 'unknown'
    : `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `60,123 packages`, `1 package`. */
export function countOf(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;
}

/** A fingerprint in groups of four, as gpg prints it. */
export function formatFingerprint(fingerprint: string): string {
  return (fingerprint.toUpperCase().match(/.{1,4}/g) ?? []).join(' ');
}
