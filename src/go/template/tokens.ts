import { isBlank } from '../../core/blanks.ts';
import { templateError } from './syntax-error.ts';

/** `spaced` tells whether a blank stands before it: `.A.B` is one operand, `.A .B` are two. */
export type Token = { readonly start: number; readonly spaced: boolean } & (
  | { readonly kind: 'text' | 'string' | 'word' | 'field' | 'variable'; readonly text: string }
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'dot' | 'open' | 'close' | 'end' | Mark }
);

export type Mark = '|' | '(' | ')' | ',' | ':=' | '=';

const marks: readonly Mark[] = [':=', '|', '(', ')', ',', '='];

/**
 * Splits a template into text and the tokens of its actions, in one pass; comments are gone and `{{-` and `-}}` have
 * trimmed the text beside them. The last token is `end`.
 * @throws E_TEMPLATE_SYNTAX
 */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let position = 0;
  let trimNext = false;
  for (;;) {
    const open = text.indexOf('{{', position);
    const trimLast = open !== -1 && opensTrimming(text, open);
    const plain = text.slice(position, open === -1 ? undefined : open);
    const trimmed = trim(plain, { start: trimNext, end: trimLast });
    if (trimmed !== '') tokens.push({ kind: 'text', text: trimmed, start: position, spaced: false });
    if (open === -1) break;
    const action = new Action(text, open, trimLast ? open + 3 : open + 2);
    tokens.push(...action.read());
    position = action.end;
    trimNext = action.trims;
  }
  return [...tokens, { kind: 'end', start: text.length, spaced: false }];
}

function opensTrimming(text: string, open: number): boolean {
  return text[open + 2] === '-' && isBlank(text[open + 3]);
}

/** Blanks as Go's templates know them. */
function trim(text: string, { start, end }: { readonly start: boolean; readonly end: boolean }): string {
  let from = 0;
  let to = text.length;
  while (start && from < to && isBlank(text[from])) from += 1;
  while (end && to > from && isBlank(text[to - 1])) to -= 1;
  return text.slice(from, to);
}

/** One `{{ … }}`. */
class Action {
  /** After the closing braces, once it was read. */
  end: number;
  trims = false;
  readonly #text: string;
  readonly #open: number;

  constructor(text: string, open: number, position: number) {
    this.#text = text;
    this.#open = open;
    this.end = position;
  }

  read(): readonly Token[] {
    if (this.#skipComment()) return [];
    const tokens: Token[] = [{ kind: 'open', start: this.#open, spaced: false }];
    for (;;) {
      const spaced = this.#skipBlanks();
      const start = this.end;
      if (this.#closes(spaced)) return [...tokens, { kind: 'close', start, spaced }];
      tokens.push(this.#token(spaced));
    }
  }

  /** A comment is alone in its action. */
  #skipComment(): boolean {
    let start = this.end;
    while (isBlank(this.#text[start])) start += 1;
    if (!this.#text.startsWith('/*', start)) return false;
    const end = this.#text.indexOf('*/', start + 2);
    if (end === -1) throw this.#fault(start, 'the comment is not closed');
    this.end = end + 2;
    if (!this.#closes(this.#skipBlanks())) throw this.#fault(start, 'a comment stands alone in its action');
    return true;
  }

  #skipBlanks(): boolean {
    const start = this.end;
    while (isBlank(this.#text[this.end])) this.end += 1;
    return this.end > start;
  }

  #closes(spaced: boolean): boolean {
    this.trims = spaced && this.#text.startsWith('-}}', this.end);
    const closed = this.trims || this.#text.startsWith('}}', this.end);
    if (closed) this.end += this.trims ? 3 : 2;
    return closed;
  }

  #token(spaced: boolean): Token {
    const start = this.end;
    const mark = marks.find((one) => this.#text.startsWith(one, start));
    if (mark !== undefined) {
      this.end += mark.length;
      return { kind: mark, start, spaced };
    }
    const first = this.#text[start];
    if (first === undefined) throw this.#fault(this.#open, 'the action is not closed: }} is missing');
    if (first === '"') return { kind: 'string', text: this.#quoted('"'), start, spaced };
    if (first === '`') return { kind: 'string', text: this.#raw(), start, spaced };
    if (first === "'") return { kind: 'integer', value: this.#character(), start, spaced };
    if (isNumberStart(first, this.#text[start + 1])) return { ...this.#number(), start, spaced };
    if (first === '.' || first === '$') return this.#name(first, spaced);
    if (isNamePart(first)) return { kind: 'word', text: this.#namePart(), start, spaced };
    throw this.#fault(start, `unexpected "${first}"`);
  }

  #name(first: '.' | '$', spaced: boolean): Token {
    const start = this.end;
    this.end += 1;
    const text = this.#namePart();
    if (first === '$') return { kind: 'variable', text, start, spaced };
    return text === '' ? { kind: 'dot', start, spaced } : { kind: 'field', text, start, spaced };
  }

  #namePart(): string {
    const start = this.end;
    while (isNamePart(this.#text[this.end])) this.end += 1;
    return this.#text.slice(start, this.end);
  }

  #raw(): string {
    const end = this.#text.indexOf('`', this.end + 1);
    if (end === -1) throw this.#fault(this.end, 'the raw string is not closed');
    const text = this.#text.slice(this.end + 1, end);
    this.end = end + 1;
    return text;
  }

  #character(): bigint {
    const start = this.end;
    const characters = Array.from(this.#quoted("'"));
    const code = characters[0]?.codePointAt(0);
    if (code === undefined || characters.length > 1) throw this.#fault(start, 'not one character');
    return BigInt(code);
  }

  #quoted(quote: string): string {
    const start = this.end;
    let text = '';
    this.end += 1;
    for (;;) {
      const character = this.#text[this.end];
      if (character === undefined || character === '\n') throw this.#fault(start, 'the string is not closed');
      this.end += 1;
      if (character === quote) return text;
      text += character === '\\' ? this.#escape(quote) : character;
    }
  }

  #escape(quote: string): string {
    const start = this.end - 1;
    const letter = this.#text[this.end] ?? '';
    const digits = escapeDigits[letter];
    if (digits === undefined) {
      this.end += 1;
      const plain = letter === quote ? quote : escapes[letter];
      if (plain === undefined) throw this.#fault(start, `unknown escape \\${letter}`);
      return plain;
    }
    const hex = this.#text.slice(this.end + 1, this.end + 1 + digits);
    const code = /^[0-9a-fA-F]+$/.test(hex) && hex.length === digits ? Number.parseInt(hex, 16) : -1;
    if (code < 0 || code > 0x10ffff) throw this.#fault(start, `malformed escape \\${letter}`);
    this.end += 1 + digits;
    return String.fromCodePoint(code);
  }

  #number():
    | { readonly kind: 'integer'; readonly value: bigint }
    | { kind: 'float'; readonly value: number } {
    const start = this.end;
    const [sign = ''] = /^[+-]?/.exec(this.#text.slice(start, start + 1)) ?? [];
    this.end += sign.length;
    while (isNamePart(this.#text[this.end]) || this.#text[this.end] === '.') this.end += 1;
    const digits = this.#text.slice(start + sign.length, this.end).replaceAll('_', '');
    const octal = /^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits;
    if (/^(\d+|0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+)$/.test(octal)) {
      return { kind: 'integer', value: sign === '-' ? -BigInt(octal) : BigInt(octal) };
    }
    if (!/^(\d+\.?\d*|\.\d+)([eE]\d+)?$/.test(digits)) {
      throw this.#fault(start, `bad number "${this.#text.slice(start, this.end)}"`);
    }
    return { kind: 'float', value: Number(`${sign}${digits}`) };
  }

  #fault(position: number, problem: string) {
    return templateError(this.#text, position, problem);
  }
}

const escapeDigits: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

function isNamePart(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{Nd}_]/u.test(character);
}

function isNumberStart(first: string, second: string | undefined): boolean {
  if (isDigit(first)) return true;
  const signed = first === '+' || first === '-' || first === '.';
  return signed && second !== undefined && (isDigit(second) || (first !== '.' && second === '.'));
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9';
}
