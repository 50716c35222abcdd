import type { QueryOperator } from './ast.ts';
import { querySyntaxError } from './syntax-error.ts';

/** `start` and `end` are offsets in UTF-16 units. */
export type Token = { readonly start: number; readonly end: number } & (
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'operator'; readonly operator: QueryOperator }
  | { readonly kind: Punctuation }
  | { readonly kind: 'end' }
);

export type Punctuation = '(' | ')' | '{' | '}' | '|' | ',' | '!';

/**
 * Splits a query into tokens; the last is of kind `end`. Operators and quotes count only at the start of a token,
 * and a word goes on through `(`: both as in aptly.
 * @throws E_QUERY_SYNTAX for a string that is not ended
 */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let position = 0;
  for (;;) {
    position = skipBlanks(text, position);
    const token = tokenAt(text, position);
    tokens.push(token);
    if (token.kind === 'end') return tokens;
    position = token.end;
  }
}

/** White space as Go's unicode.IsSpace has it. */
function isBlank(character: string): boolean {
  return character === '\u0085' || (character !== '\ufeff' && /^\s$/.test(character));
}

/** Whether `text` is one unquoted word. */
export function isBareWord(text: string): boolean {
  const first = text[0];
  if (first === undefined || '(\'"=%~<>'.includes(first)) return false;
  return wordEnd(text, 0) === text.length;
}

function skipBlanks(text: string, from: number): number {
  let position = from;
  while (position < text.length && isBlank(text.charAt(position))) position += 1;
  return position;
}

function tokenAt(text: string, start: number): Token {
  const character = text.charAt(start);
  switch (character) {
    case '':
      return { kind: 'end', start, end: start };
    case '(':
    case ')':
    case '{':
    case '}':
    case '|':
    case ',':
    case '!':
      return { kind: character, start, end: start + 1 };
    case '=':
    case '%':
    case '~':
      return { kind: 'operator', operator: character, start, end: start + 1 };
    case '<':
    case '>':
      return comparisonAt(text, start, character);
    case '"':
    case "'":
      return quotedAt(text, start, character);
    default: {
      const end = wordEnd(text, start);
      return { kind: 'string', value: text.slice(start, end), start, end };
    }
  }
}

function comparisonAt(text: string, start: number, character: '<' | '>'): Token {
  const next = text.charAt(start + 1);
  if (next === character) {
    return { kind: 'operator', operator: character === '<' ? '<<' : '>>', start, end: start + 2 };
  }
  return { kind: 'operator', operator: `${character}=`, start, end: start + (next === '=' ? 2 : 1) };
}

function quotedAt(text: string, start: number, quote: string): Token {
  let value = '';
  for (let position = start + 1; position < text.length; position += 1) {
    const character = text.charAt(position);
    if (character === quote) return { kind: 'string', value, start, end: position + 1 };
    if (character === '\\') position += 1;
    value += text.charAt(position);
  }
  throw querySyntaxError(text, start, `a closing ${quote} for the string that begins here`, 'the end');
}

function wordEnd(text: string, start: number): number {
  let position = start;
  while (position < text.length) {
    const character = text.charAt(position);
    if (')|,!{}'.includes(character) || isBlank(character)) break;
    position += 1;
  }
  return position;
}
