import { isBlankByte } from '../core/blanks.ts';
import { EspejoError } from '../core/errors.ts';

/**
 * Walks over the fields of one control paragraph (deb822, Debian policy 5.1) without decoding it. After
 * {@link FieldCursor.advance} returned true the positions are those of one field; its value reaches over the
 * continuation lines. Only this class knows where a field begins and ends.
 */
export class FieldCursor {
  nameStart = 0;
  nameEnd = 0;
  valueStart = 0;
  valueEnd = 0;
  #hasOneLine = true;
  #next = 0;
  readonly #raw: Buffer;
  readonly #what: string;
  readonly #anyName: boolean;

  /** @param anyName whether everything before the first colon of a line names a field, as for aptly */
  constructor(raw: Buffer, what: string, anyName = false) {
    this.#raw = raw;
    this.#what = what;
    this.#anyName = anyName;
  }

  /**
   * Goes to the next field; false at the end.
   * @throws E_CONTROL_SYNTAX for a line that is neither a field nor the continuation of one
   */
  advance(): boolean {
    const raw = this.#raw;
    const end = raw.length;
    const start = this.#next;
    if (start >= end) return false;
    let at = start;
    for (; ; at += 1) {
      const byte = raw[at];
      if (byte === colon) break;
      if (byte === undefined || byte === newline) throw this.#malformed(start);
      if ((byte <= space || byte >= delete_) && !this.#anyName) throw this.#malformed(start);
    }
    const first = raw[start];
    if ((at === start || first === hash || first === hyphen) && !this.#anyName) throw this.#malformed(start);
    this.nameStart = start;
    this.nameEnd = at;
    this.valueStart = at + 1;
    this.#hasOneLine = true;
    for (at += 1; at < end; at += 1) {
      if (raw[at] !== newline) continue;
      const after = raw[at + 1];
      if (after !== space && after !== tab) break;
      this.#hasOneLine = false;
    }
    this.valueEnd = at;
    this.#next = at + 1;
    return true;
  }

  /** Whether the field has this name; `lowerCase` is the name in lower case. */
  named(lowerCase: string): boolean {
    const length = this.nameEnd - this.nameStart;
    if (length !== lowerCase.length) return false;
    for (let at = 0; at < length; at += 1) {
      if (((this.#raw[this.nameStart + at] ?? 0) | caseBit) !== lowerCase.charCodeAt(at)) return false;
    }
    return true;
  }

  /** The name as it is written. */
  name(): string {
    return this.#raw.toString('latin1', this.nameStart, this.nameEnd);
  }

  /**
   * The value: blanks trimmed, continuation lines joined by a newline, without the first blank that marks them and
   * without blanks at their ends. `latin1` keeps bytes that are no UTF-8.
   */
  value(encoding: 'utf8' | 'latin1' = 'utf8'): string {
    const raw = this.#raw;
    if (this.#hasOneLine) return decoded(raw, this.#textStart(this.valueEnd), this.valueEnd, encoding);
    const lineEnd = raw.indexOf(newline, this.valueStart);
    const lines = [decoded(raw, this.#textStart(lineEnd), lineEnd, encoding)];
    let start = lineEnd + 1;
    while (start <= this.valueEnd) {
      const found = raw.indexOf(newline, start);
      const end = found < 0 || found > this.valueEnd ? this.valueEnd : found;
      lines.push(decoded(raw, start + 1, end, encoding));
      start = end + 1;
    }
    return lines.join('\n');
  }

  #textStart(end: number): number {
    let start = this.valueStart;
    while (start < end && isBlankByte(this.#raw[start])) start += 1;
    return start;
  }

  #malformed(start: number): EspejoError {
    const lineEnd = this.#raw.indexOf(newline, start);
    const line = this.#raw.toString(
      'utf8',
      start,
      Math.min(lineEnd < 0 ? this.#raw.length : lineEnd, start + 80),
    );
    return new EspejoError('E_CONTROL_SYNTAX', `${this.#what}: "${line}" is not a control field`, {
      context: { what: this.#what, offset: start },
    });
  }
}

/** Printable ASCII without blanks and colons; a comment or a dash does not begin one (policy 5.1). */
export function isFieldName(name: string): boolean {
  return /^[!-,.-9;-~][!-9;-~]*$/.test(name) && !name.startsWith('#');
}

const newline = 0x0a;
const tab = 0x09;
const space = 0x20;
const hash = 0x23;
const hyphen = 0x2d;
const colon = 0x3a;
const delete_ = 0x7f;
const caseBit = 0x20;

function decoded(raw: Buffer, start: number, end: number, encoding: 'utf8' | 'latin1'): string {
  let last = end;
  while (last > start && isBlankByte(raw[last - 1])) last -= 1;
  return raw.toString(encoding, start, last);
}
