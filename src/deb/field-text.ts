import { multiLineFields } from './field-names.ts';
import { canonicalName, folded } from './render-index.ts';

/**
 * The value of a field as aptly keeps it, for templates and queries: fields of several lines with the blank that begins
 * and the newline that ends each line, others on one line.
 * @param name in any case
 * @param value as `Stanza` gives it
 */
export function fieldText(name: string, value: string): string {
  if (!multiLineFields.has(canonicalName(name))) return folded(value);
  const text = value.startsWith('\n') ? value.slice(1) : value;
  return text === '' ? '' : ` ${text.replaceAll('\n', '\n ')}\n`;
}
