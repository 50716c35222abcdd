/** The order of aptly's and dpkg's strings: by the bytes of their UTF-8, which differs from JavaScript's beyond the BMP. */
export function compareBytes(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}
