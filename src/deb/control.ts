import { EspejoError } from '../core/errors.ts';
import { FieldCursor } from './field-cursor.ts';

export type Field = { readonly name: string; readonly value: string };

/**
 * One paragraph of a control file (Debian policy 5.1): immutable, keeps the bytes as upstream wrote them, without the
 * newline and the blank line that end it, and decodes only what is asked for. Field names are case-insensitive.
 */
export class Stanza {
  readonly raw: Buffer;
  readonly #what: string;
  readonly #anyName: boolean;
  #fields: readonly Field[] | undefined;

  /**
   * @param what names the paragraph in errors: its file, its package
   * @param anyName see {@link Stanza.kept}
   */
  constructor(raw: Uint8Array, what = 'control paragraph', anyName = false) {
    this.raw = asBuffer(raw);
    this.#what = what;
    this.#anyName = anyName;
  }

  /**
   * A paragraph of the catalog. Those that came from aptly may have fields of any name (`#Pre-Depends`), which are kept
   * and shown, and never published.
   */
  static kept(raw: Uint8Array, what: string): Stanza {
    return new Stanza(raw, what, true);
  }

  /**
   * The value of a field, undefined when it is absent: the text after the colon with blanks trimmed; continuation
   * lines follow after "\n", without their first blank.
   * @throws E_CONTROL_SYNTAX when the field is there twice or the paragraph is malformed
   */
  get(field: string): string | undefined {
    return this.pick([field.toLowerCase()])[0];
  }

  /**
   * The values of several fields in one pass over the bytes; `undefined` where one is absent.
   * @param fields names in lower case
   * @throws E_CONTROL_SYNTAX as {@link Stanza.get}
   */
  pick(fields: readonly string[]): readonly (string | undefined)[] {
    const values: (string | undefined)[] = fields.map(() => undefined);
    const cursor = this.cursor();
    while (cursor.advance()) {
      const position = fields.findIndex((field) => cursor.named(field));
      if (position < 0) continue;
      if (values[position] !== undefined) throw this.#duplicate(cursor.name());
      values[position] = cursor.value();
    }
    return values;
  }

  /**
   * All fields in the order of the file.
   * @throws E_CONTROL_SYNTAX when a field is there twice or the paragraph is malformed
   */
  get fields(): readonly Field[] {
    this.#fields ??= this.readFields('utf8');
    return this.#fields;
  }

  /**
   * As {@link Stanza.fields} but not remembered; with `latin1` every character of a value is one byte, so that bytes
   * that are no UTF-8 survive.
   */
  readFields(encoding: 'utf8' | 'latin1'): readonly Field[] {
    const fields: Field[] = [];
    const seen = new Set<string>();
    const cursor = this.cursor();
    while (cursor.advance()) {
      const name = cursor.name();
      const key = name.toLowerCase();
      if (seen.has(key)) throw this.#duplicate(name);
      seen.add(key);
      fields.push({ name, value: cursor.value(encoding) });
    }
    return fields;
  }

  /** For readers that want positions or bytes instead of strings. */
  cursor(): FieldCursor {
    return new FieldCursor(this.raw, this.#what, this.#anyName);
  }

  #duplicate(field: string): EspejoError {
    return new EspejoError('E_CONTROL_SYNTAX', `${this.#what}: field ${field} is there twice`, {
      context: { what: this.#what, field },
    });
  }
}

/**
 * Reads a small control file that is wholly in memory, eagerly: every fault shows here.
 * @param what names the file in errors
 * @throws E_CONTROL_SYNTAX
 */
export function parseControl(text: Uint8Array | string, what: string): readonly Stanza[] {
  const bytes = typeof text === 'string' ? Buffer.from(text) : asBuffer(text);
  if (bytes.includes(0)) {
    throw new EspejoError('E_CONTROL_SYNTAX', `${what}: has a NUL byte`, { context: { what } });
  }
  const stanzas: Stanza[] = [];
  let start = 0;
  while (start < bytes.length) {
    const end = paragraphEnd(bytes, start);
    const stanza = new Stanza(bytes.subarray(start, end), what);
    if (stanza.fields.length > 0) stanzas.push(stanza);
    start = end + 1;
  }
  return stanzas;
}

/**
 * Reads a control file that must hold exactly one paragraph.
 * @throws E_CONTROL_SYNTAX
 */
export function parseStanza(text: Uint8Array | string, what: string): Stanza {
  const [stanza, ...others] = parseControl(text, what);
  if (stanza === undefined || others.length > 0) {
    throw new EspejoError(
      'E_CONTROL_SYNTAX',
      `${what}: has ${others.length + (stanza ? 1 : 0)} paragraphs, not one`,
      {
        context: { what },
      },
    );
  }
  return stanza;
}

function paragraphEnd(bytes: Buffer, start: number): number {
  if (bytes[start] === newline) return start;
  const blankLine = bytes.indexOf('\n\n', start);
  if (blankLine >= 0) return blankLine;
  return bytes[bytes.length - 1] === newline ? bytes.length - 1 : bytes.length;
}

const newline = 0x0a;

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
