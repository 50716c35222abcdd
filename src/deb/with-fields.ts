import type { Stanza } from './control.ts';

/** The bytes of a paragraph without some fields, and with others at its end. */
export function withFields(stanza: Stanza, without: ReadonlySet<string>, fields: readonly string[]): Buffer {
  const parts: Buffer[] = [];
  const cursor = stanza.cursor();
  while (cursor.advance()) {
    if (without.has(cursor.name().toLowerCase())) continue;
    parts.push(stanza.raw.subarray(cursor.nameStart, cursor.valueEnd), Buffer.from('\n'));
  }
  return Buffer.concat([...parts, Buffer.from(fields.join('\n'))]);
}
