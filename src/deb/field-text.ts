import { canonicalName, folded } from './render-index.ts';

/** Fields that keep their lines (spec/semantics.md 7.6), by their canonical names. */
const multiLine: ReadonlySet<string> = new Set([
  'Changes',
  'Checksums-Sha1',
  'Checksums-Sha256',
  'Checksums-Sha512',
  'Description',
  'Files',
  'Package-List',
]);

/**
 * The value of a field as aptly keeps it, for templates and queries: fields of several lines with the blank that begins
 * and the newline that ends each line, others on one line.
 * @param name in any case
 * @param value as `Stanza` gives it
 */
export function fieldText(name: string, value: string): string {
  if (!multiLine.has(canonicalName(name))) return folded(value);
  const text = value.startsWith('\n') ? value.slice(1) : value;
  return text === '' ? '' : ` ${text.replaceAll('\n', '\n ')}\n`;
}
