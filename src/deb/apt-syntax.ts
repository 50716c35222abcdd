import { isPlainForApt } from './apt-plainness.ts';
import type { Stanza } from './control.ts';

/**
 * What apt refuses in a paragraph of a Packages index. It refuses the whole list for one such paragraph, and with it every
 * package of every archive that the client has, so nothing of this kind may be published. The rules are those of apt's
 * `debListParser` (deblistparser.cc); test/compat/apt-syntax.test.ts holds them against the real apt. What apt only warns
 * of (an unknown Multi-Arch, Provides with `>=`), or takes as it is (`${shlibs:Depends}`), is no problem here.
 */

/** Why apt refuses a paragraph. */
export type AptProblem = {
  /** The name of the field as apt knows it. */
  readonly field: string;
  /** Of the character in the value, from 1. */
  readonly column: number;
  /** A clause without a period. */
  readonly problem: string;
};

/** The relation fields that apt reads, by their names in canonical case. */
export const aptRelations: ReadonlySet<string> = new Set([
  'Depends',
  'Pre-Depends',
  'Recommends',
  'Suggests',
  'Provides',
  'Conflicts',
  'Breaks',
  'Replaces',
  'Enhances',
]);

/** Longer paragraphs do not fit into apt's buffer. */
const maxParagraphBytes = 2 ** 20;
/** apt ends with an assertion for names and versions of more bytes. */
const maxTextBytes = 65_534;

/**
 * The first thing that apt would refuse in a paragraph; undefined when it reads it.
 * @param published what an index says in a field; default as it is. It makes nothing bad of what is good.
 * @throws E_CONTROL_SYNTAX for a malformed line
 */
export function aptProblem(
  stanza: Stanza,
  published: (field: string, value: string) => string | undefined = (_, value) => value,
): AptProblem | undefined {
  if (stanza.raw.length > maxParagraphBytes) return at('Package', 1, 'the paragraph has more than 1 MiB');
  if (isPlainForApt(stanza.raw)) return undefined;
  const cursor = stanza.cursor();
  while (cursor.advance()) {
    const field = watched.get(cursor.nameEnd - cursor.nameStart)?.find(({ key }) => cursor.named(key))?.field;
    if (field === undefined) continue;
    const text = published(field, cursor.value());
    const problem = text === undefined ? undefined : fieldProblem(field, text);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/**
 * The first thing that apt would refuse in the value of one field.
 * @param field in canonical case
 */
export function fieldProblem(field: string, value: string): AptProblem | undefined {
  if (aptRelations.has(field)) return relationProblem(field, value);
  if (field === 'Description-Md5') {
    return value.length === 32 || value === '' ? undefined : at(field, 1, 'it does not have 32 characters');
  }
  return texts.has(field) && isTooLong(value) ? at(field, 1, tooLong) : undefined;
}

/** A problem as people read it: `Depends: column 9: the version is not closed`. */
export function aptProblemText({ field, column, problem }: AptProblem): string {
  return `${field}: column ${column}: ${problem}`;
}

const texts: ReadonlySet<string> = new Set(['Package', 'Version', 'Architecture', 'Section', 'Source']);
/** The fields to be looked at, by the length of their names: every field of every package is asked for. */
const watched: ReadonlyMap<number, readonly { readonly field: string; readonly key: string }[]> = Map.groupBy(
  [...texts, ...aptRelations, 'Description-Md5'].map((field) => ({ field, key: field.toLowerCase() })),
  ({ key }) => key.length,
);

/** `debListParser::ParseDepends` and the loops around it. Only Provides may not be empty, see `ParseProvides`. */
function relationProblem(field: string, text: string): AptProblem | undefined {
  const scan = new RelationScan(field, text);
  if (scan.atEnd() && field !== 'Provides') return undefined;
  do {
    const problem = scan.relation();
    if (problem !== undefined) return problem;
  } while (!scan.atEnd());
  return undefined;
}

class RelationScan {
  #at: number;
  readonly #end: number;
  readonly #field: string;
  readonly #text: string;

  constructor(field: string, text: string) {
    this.#field = field;
    this.#text = text;
    this.#end = trimmedEnd(text);
    this.#at = 0;
    this.#skipBlanks();
  }

  atEnd(): boolean {
    return this.#at >= this.#end;
  }

  /** Reads one relation and the comma or bar behind it. */
  relation(): AptProblem | undefined {
    this.#skipBlanks();
    const start = this.#at;
    while (!this.atEnd() && !isNameEnd(this.#text.charCodeAt(this.#at))) this.#at += 1;
    if (this.#at === start) return this.#problem('a package name is missing');
    if (isTooLong(this.#text.slice(start, this.#at))) return at(this.#field, start + 1, tooLong);
    this.#skipBlanks();
    const problem = this.#text[this.#at] === '(' && !this.atEnd() ? this.#version() : undefined;
    if (problem !== undefined) return problem;
    this.#skipBlanks();
    if (this.atEnd()) return undefined;
    const next = this.#text[this.#at];
    if (next !== ',' && next !== '|') return this.#problem(`"${next}" is not expected here`);
    this.#at += 1;
    this.#skipBlanks();
    return undefined;
  }

  /** apt looks four characters ahead, so that `(=1)` cannot be the last thing in a field. */
  #version(): AptProblem | undefined {
    this.#at += 1;
    this.#skipBlanks();
    const open = this.#at;
    const close = this.#text.indexOf(')', open);
    if (close < 0 || close >= this.#end) return this.#problem('the version is not closed');
    if (open + 3 >= this.#end) return this.#problem('the version is too short for apt');
    this.#at += operatorLength(this.#text, open);
    this.#skipBlanks();
    if (this.#at >= close) return this.#problem('the version is missing');
    if (isTooLong(this.#text.slice(this.#at, close))) return this.#problem(tooLong);
    this.#at = close + 1;
    return undefined;
  }

  #skipBlanks(): void {
    while (this.#at < this.#end && isSpace(this.#text.charCodeAt(this.#at))) this.#at += 1;
  }

  #problem(problem: string): AptProblem {
    return at(this.#field, this.#at + 1, problem);
  }
}

const tooLong = `it has more than ${maxTextBytes} bytes`;

function at(field: string, column: number, problem: string): AptProblem {
  return { field, column, problem };
}

function isTooLong(text: string): boolean {
  return text.length * 3 > maxTextBytes && Buffer.byteLength(text) > maxTextBytes;
}

function trimmedEnd(text: string): number {
  let end = text.length;
  while (end > 0 && isSpace(text.charCodeAt(end - 1))) end -= 1;
  return end;
}

/** `ConvertRelation`: anything else is taken for the beginning of the version. */
function operatorLength(text: string, start: number): number {
  const first = text[start];
  const second = text[start + 1];
  if (first === '<') return second === '<' || second === '=' ? 2 : 1;
  if (first === '>') return second === '>' || second === '=' ? 2 : 1;
  return first === '=' ? 1 : 0;
}

/** Blank, tab, newline, vertical tab, form feed, carriage return. */
function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

/** What ends a name: a blank or one of `( ) , | [ ] < >`. */
function isNameEnd(code: number): boolean {
  return isSpace(code) || nameEnds.has(code);
}

const nameEnds: ReadonlySet<number> = new Set(Array.from('(),|[]<>', (one) => one.charCodeAt(0)));
