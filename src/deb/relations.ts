import { isBlank } from '../core/blanks.ts';
import { EspejoError, isEspejoError } from '../core/errors.ts';
import { assertVersion, type VersionOperator } from './version.ts';

/** One alternative of a dependency: `name:qualifier (operator version) [architectures] <profiles>`. */
export type Relation = {
  readonly name: string;
  /** `any`, `native` or an architecture. */
  readonly qualifier?: string;
  readonly constraint?: { readonly operator: VersionOperator; readonly version: string };
  /** The architecture restriction as written, `!` included: `['linux-any']`, `['!amd64', '!i386']`. */
  readonly architectures?: readonly string[];
  /** Build profile restrictions: alternatives of conjunctions, `<!nocheck cross> <stage1>`. */
  readonly profiles?: readonly (readonly string[])[];
};

/** Alternatives, the preferred one first; never empty. */
export type RelationGroup = readonly Relation[];

/** What a package provides; without a version it satisfies unversioned relations only. */
export type Provided = { readonly name: string; readonly version?: string };

/**
 * Reads a relation field (Debian policy 7.1): `a (>= 1) | b, c`. As dpkg does, stray commas are skipped, the deprecated
 * operators `<` and `>` mean `<=` and `>=`, and a version without operator is that very version.
 * @param what names the field in the error
 * @throws E_RELATION_SYNTAX
 */
export function parseRelations(text: string, what: string): readonly RelationGroup[] {
  const scanner = new RelationScanner(text, what);
  const groups: RelationGroup[] = [];
  while (!scanner.atEnd()) {
    if (scanner.skip(',')) continue;
    groups.push(scanner.group());
    if (!scanner.atEnd()) scanner.expect(',');
  }
  return groups;
}

/**
 * Reads a `Provides` field. As in aptly an item that says nothing, be it with another operator than `=`, with alternatives
 * or malformed, provides nothing, and the others count: one bad package must not make a list unreadable.
 */
export function parseProvides(text: string): readonly Provided[] {
  return text.split(',').flatMap((item) => providedBy(item) ?? []);
}

function providedBy(item: string): Provided | undefined {
  const relation = soleRelation(item);
  if (relation === undefined) return undefined;
  const { name, constraint } = relation;
  if (constraint === undefined) return { name };
  return constraint.operator === '=' ? { name, version: constraint.version } : undefined;
}

/** The one relation that a text is, or undefined. */
export function soleRelation(text: string): Relation | undefined {
  try {
    const [group, ...others] = parseRelations(text, '');
    return others.length === 0 && group?.length === 1 ? group[0] : undefined;
  } catch (error) {
    if (isEspejoError(error, 'E_RELATION_SYNTAX')) return undefined;
    throw error;
  }
}

/** Whether a relation counts on an architecture: `foo [i386]` asks for nothing on others. */
export function appliesTo({ architectures = [] }: Relation, architecture: string): boolean {
  if (architectures.length === 0) return true;
  const negated = architectures.every((one) => one.startsWith('!'));
  return negated ? !architectures.includes(`!${architecture}`) : architectures.includes(architecture);
}

/** The relation in the form the policy writes it; {@link parseRelations} reads it back to the same value. */
export function printRelation(relation: Relation): string {
  let text = relation.name;
  if (relation.qualifier !== undefined) text += `:${relation.qualifier}`;
  if (relation.constraint !== undefined) {
    text += ` (${relation.constraint.operator} ${relation.constraint.version})`;
  }
  if (relation.architectures !== undefined) text += ` [${relation.architectures.join(' ')}]`;
  for (const profiles of relation.profiles ?? []) text += ` <${profiles.join(' ')}>`;
  return text;
}

/** The alternatives of a group, joined by ` | `. */
export function printGroup(group: RelationGroup): string {
  return group.map(printRelation).join(' | ');
}

const operators: Readonly<Record<string, VersionOperator>> = {
  '<<': '<<',
  '<': '<=',
  '<=': '<=',
  '=': '=',
  '>=': '>=',
  '>': '>=',
  '>>': '>>',
};

type RelationDraft = { -readonly [Key in keyof Relation]: Relation[Key] };

/** A forward scan with one character of lookahead; blanks and newlines separate. */
class RelationScanner {
  #at = 0;
  readonly #text: string;
  readonly #what: string;

  constructor(text: string, what: string) {
    this.#text = text;
    this.#what = what;
  }

  atEnd(): boolean {
    this.#skipBlanks();
    return this.#at >= this.#text.length;
  }

  /** Takes `character` when it is next. */
  skip(character: string): boolean {
    this.#skipBlanks();
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  expect(character: string): void {
    if (!this.skip(character)) throw this.#malformed(`"${character}" expected`);
  }

  group(): RelationGroup {
    const group = [this.#relation()];
    while (this.skip('|')) group.push(this.#relation());
    return group;
  }

  #relation(): Relation {
    this.#skipBlanks();
    const relation: RelationDraft = { name: this.#word('package name') };
    if (this.#text[this.#at] === ':') {
      this.#at += 1;
      relation.qualifier = this.#word('architecture');
    }
    if (this.skip('(')) relation.constraint = this.#constraint();
    if (this.skip('[')) relation.architectures = this.#list(']');
    while (this.skip('<')) relation.profiles = [...(relation.profiles ?? []), this.#list('>')];
    return relation;
  }

  #constraint(): { readonly operator: VersionOperator; readonly version: string } {
    this.#skipBlanks();
    const start = this.#at;
    while (isOperator(this.#text[this.#at])) this.#at += 1;
    const written = this.#text.slice(start, this.#at);
    const operator = written === '' ? '=' : operators[written];
    if (operator === undefined) throw this.#malformed('operator expected');
    this.#skipBlanks();
    const versionStart = this.#at;
    while (this.#at < this.#text.length && this.#text[this.#at] !== ')' && !isBlank(this.#text[this.#at])) {
      this.#at += 1;
    }
    const version = this.#text.slice(versionStart, this.#at);
    this.expect(')');
    this.#assertVersion(version);
    return { operator, version };
  }

  #assertVersion(version: string): void {
    try {
      assertVersion(version, this.#what);
    } catch (cause) {
      throw this.#malformed(`"${version}" is not a version`, cause);
    }
  }

  #list(close: string): readonly string[] {
    const items: string[] = [];
    while (!this.skip(close)) {
      const negated = this.skip('!') ? '!' : '';
      items.push(negated + this.#word('name'));
    }
    if (items.length === 0) throw this.#malformed('the list is empty');
    return items;
  }

  #word(kind: string): string {
    const start = this.#at;
    while (isWordCharacter(this.#text.charCodeAt(this.#at))) this.#at += 1;
    if (this.#at === start) throw this.#malformed(`${kind} expected`);
    return this.#text.slice(start, this.#at);
  }

  #skipBlanks(): void {
    while (isBlank(this.#text[this.#at])) this.#at += 1;
  }

  #malformed(problem: string, cause?: unknown): EspejoError {
    const near = this.#text.slice(Math.max(0, this.#at - 20), this.#at + 20);
    return new EspejoError(
      'E_RELATION_SYNTAX',
      `${this.#what}: ${problem} at character ${this.#at + 1}, near "${near}"`,
      { cause, context: { what: this.#what, column: this.#at + 1 } },
    );
  }
}

function isOperator(character: string | undefined): boolean {
  return character === '<' || character === '>' || character === '=';
}

/** Letters, digits, `+`, `-`, `.`, and `_`, which old archives have in names. */
function isWordCharacter(code: number): boolean {
  const lower = code | 0x20;
  return (
    (lower >= 0x61 && lower <= 0x7a && code < 0x80) ||
    (code >= 0x30 && code <= 0x39) ||
    code === 0x2b ||
    code === 0x2d ||
    code === 0x2e ||
    code === 0x5f
  );
}
