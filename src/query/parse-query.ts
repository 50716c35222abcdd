import { RE2JS } from 're2js';
import { type Condition, type Query, termKind } from './ast.ts';
import { type Punctuation, type Token, tokenize } from './lexer.ts';
import { querySyntaxError } from './syntax-error.ts';

/** Parentheses and `!` nest at most this deep. */
const maxDepth = 200;

/**
 * Reads a query of aptly's language:
 *
 * ```
 * query     := and-expr ( '|' and-expr )*
 * and-expr  := not-expr ( ',' not-expr )*
 * not-expr  := '!' not-expr | primary
 * primary   := '(' query ')' | term
 * term      := STRING condition? ( '{' STRING '}' )?
 * condition := '(' operator? STRING ')'
 * ```
 * @throws E_QUERY_SYNTAX that names the column (also in `context.column`) and what was expected there
 */
export function parseQuery(text: string): Query {
  const input = new TokenReader(text);
  const query = parseOr(input, 0);
  if (input.current.kind !== 'end') throw input.unexpected('"|", "," or the end', junkHint(input));
  return query;
}

/** query := and-expr ( '|' and-expr )* */
function parseOr(input: TokenReader, depth: number): Query {
  const first = parseAnd(input, depth);
  const operands = [first];
  while (input.take('|')) operands.push(parseAnd(input, depth));
  return operands.length === 1 ? first : { kind: 'or', operands };
}

/** and-expr := not-expr ( ',' not-expr )* */
function parseAnd(input: TokenReader, depth: number): Query {
  const first = parseNot(input, depth);
  const operands = [first];
  while (input.take(',')) operands.push(parseNot(input, depth));
  return operands.length === 1 ? first : { kind: 'and', operands };
}

/** not-expr := '!' not-expr | '(' query ')' | term */
function parseNot(input: TokenReader, depth: number): Query {
  if (depth > maxDepth) throw input.unexpected(`at most ${maxDepth} levels of nesting`);
  if (input.take('!')) return { kind: 'not', operand: parseNot(input, depth + 1) };
  if (!input.take('(')) return parseTerm(input);
  const query = parseOr(input, depth + 1);
  input.expect(')', '"|", "," or ")"');
  return query;
}

/** term := STRING condition? ( '{' STRING '}' )? */
function parseTerm(input: TokenReader): Query {
  const text = input.expectString('a package name, a field, "!" or "("');
  const condition = parseCondition(input);
  const kind = termKind(text);
  if (kind === 'field') return { kind, field: text, ...condition };
  if (kind === 'package' && condition === undefined) return exactPackage(text);
  return { kind: 'name', name: text, ...condition, ...parseArchitecture(input) };
}

/** condition := '(' operator? STRING ')' */
function parseCondition(input: TokenReader): { readonly condition: Condition } | undefined {
  if (!input.take('(')) return undefined;
  const operator = input.current.kind === 'operator' ? input.current.operator : undefined;
  if (operator !== undefined) input.advance();
  const operand = input.current;
  const value = input.expectString(
    operator === undefined ? 'an operator or a value' : `a value after "${operator}"`,
  );
  if (operator === '~') checkExpression(input, operand, value);
  input.expect(')', '")" after the value', 'put a value with blanks or any of ( ) | , ! { } in quotes');
  return { condition: { operator: operator ?? '=', value } };
}

/** arch := '{' STRING '}' */
function parseArchitecture(input: TokenReader): { readonly architecture: string } | undefined {
  if (!input.take('{')) return undefined;
  const architecture = input.expectString('an architecture');
  input.expect('}', '"}" after the architecture');
  return { architecture };
}

/** Text before the first `_` is the name, after the last the architecture. */
function exactPackage(text: string): Query {
  const first = text.indexOf('_');
  const last = text.lastIndexOf('_');
  return {
    kind: 'package',
    name: text.slice(0, first),
    version: text.slice(first + 1, last),
    architecture: text.slice(last + 1),
  };
}

function checkExpression(input: TokenReader, token: Token, expression: string): void {
  try {
    RE2JS.compile(expression);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw querySyntaxError(input.text, token.start, 'a regular expression of RE2', reason);
  }
}

function junkHint(input: TokenReader): string | undefined {
  const { current, previous } = input;
  if (current.kind === '{') return 'an {architecture} can only follow a package name';
  if (previous?.kind === 'string' && previous.value.includes('(')) {
    return 'put a blank before the parenthesis: name (>= 1.0)';
  }
  return current.kind === 'string' ? 'join terms with "|" (or) or "," (and)' : undefined;
}

/** A cursor over the tokens of one query. */
class TokenReader {
  readonly text: string;
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(text: string) {
    this.text = text;
    this.#tokens = tokenize(text);
  }

  get current(): Token {
    return this.#tokens[this.#position] ?? { kind: 'end', start: this.text.length, end: this.text.length };
  }

  get previous(): Token | undefined {
    return this.#tokens[this.#position - 1];
  }

  advance(): void {
    this.#position += 1;
  }

  take(kind: Punctuation): boolean {
    if (this.current.kind !== kind) return false;
    this.advance();
    return true;
  }

  expect(kind: Punctuation, expected: string, hint?: string): void {
    if (!this.take(kind)) throw this.unexpected(expected, hint);
  }

  expectString(expected: string): string {
    const { current } = this;
    if (current.kind !== 'string') throw this.unexpected(expected);
    this.advance();
    return current.value;
  }

  unexpected(expected: string, hint = junkHint(this)): Error {
    const { start, end, kind } = this.current;
    const found = kind === 'end' ? 'the end' : `"${this.text.slice(start, end)}"`;
    return querySyntaxError(this.text, start, expected, found, hint);
  }
}
