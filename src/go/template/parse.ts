import type { EspejoError } from '../../core/errors.ts';
import { isFunctionName } from './functions.ts';
import { templateError } from './syntax-error.ts';
import { type Mark, type Token, tokenize } from './tokens.ts';

/** One piece of a template; the pieces of a branch are templates of their own. */
export type TemplateNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipeline: Pipeline }
  | BranchingNode;

export type BranchingNode = {
  readonly kind: 'if' | 'with' | 'range';
  readonly pipeline: Pipeline;
  readonly body: readonly TemplateNode[];
  readonly otherwise: readonly TemplateNode[];
};

export type Pipeline = {
  readonly start: number;
  /** `$x :=`, `$x =`; `$key, $value :=` of a range. */
  readonly variables: readonly string[];
  readonly assigns: boolean;
  /** Each is given the value of the one before as its last argument. */
  readonly commands: readonly Command[];
};

export type Command = { readonly start: number } & (
  | { readonly kind: 'value'; readonly operand: Operand }
  | { readonly kind: 'call'; readonly name: string; readonly operands: readonly Operand[] }
);

/** `fields` are the `.A.B` that follow an operand. */
export type Operand = { readonly start: number } & (
  | { readonly kind: 'constant'; readonly value: string | boolean | bigint | number | undefined }
  | { readonly kind: 'dot'; readonly fields: readonly string[] }
  | { readonly kind: 'variable'; readonly name: string; readonly fields: readonly string[] }
  | { readonly kind: 'group'; readonly pipeline: Pipeline; readonly fields: readonly string[] }
);

/** Deeper nesting than a person writes. */
const maxDepth = 200;

/**
 * Parses a template into its pieces: text, actions, if, with and range.
 * @throws E_TEMPLATE_SYNTAX that tells the place
 */
export function parseTemplate(text: string): readonly TemplateNode[] {
  return new Parser(text).template();
}

type Branch = {
  readonly nodes: readonly TemplateNode[];
  readonly ending: 'end of text' | 'end' | 'else' | 'else if' | 'else with';
  readonly start: number;
};

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #position = 0;
  #depth = 0;
  /** Names in scope; `$` itself has the empty name. */
  #variables: readonly string[] = [''];

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text);
  }

  template(): readonly TemplateNode[] {
    const { nodes, ending, start } = this.#branch();
    if (ending !== 'end of text') throw this.#fault(start, `unexpected {{${ending}}}`);
    return nodes;
  }

  /** Up to the `{{end}}` or `{{else}}` that closes it, which is read too; of `{{else if}}` the pipeline is left. */
  #branch(): Branch {
    const nodes: TemplateNode[] = [];
    for (;;) {
      const token = this.#next();
      if (token.kind === 'text') nodes.push({ kind: 'text', text: token.text });
      else if (token.kind === 'end') return { nodes, ending: 'end of text', start: token.start };
      else {
        const ending = this.#ending();
        if (ending !== undefined) return { nodes, ending, start: token.start };
        nodes.push(this.#action());
      }
    }
  }

  #ending(): Branch['ending'] | undefined {
    const word = this.#word();
    if (word !== 'end' && word !== 'else') return undefined;
    this.#next();
    const second = this.#word();
    if (word === 'else' && (second === 'if' || second === 'with')) {
      this.#next();
      return `else ${second}`;
    }
    this.#close();
    return word;
  }

  #action(): TemplateNode {
    const { start } = this.#peek();
    const word = this.#word();
    if (word === 'if' || word === 'with' || word === 'range') {
      this.#next();
      return this.#control(word, start);
    }
    if (word !== undefined && unsupported.has(word)) {
      throw this.#fault(start, `{{${word}}} is not supported here`);
    }
    return { kind: 'action', pipeline: this.#pipeline('close') };
  }

  #control(kind: 'if' | 'with' | 'range', start: number): TemplateNode {
    return this.#nested(start, () => {
      const outer = this.#variables;
      const pipeline = this.#pipeline('close', kind);
      const inner = this.#variables;
      const body = this.#branch();
      this.#variables = inner;
      const otherwise = this.#otherwise(kind, body, start);
      this.#variables = outer;
      return { kind, pipeline, body: body.nodes, otherwise };
    });
  }

  #otherwise(kind: 'if' | 'with' | 'range', body: Branch, start: number): readonly TemplateNode[] {
    if (body.ending === 'end') return [];
    if (body.ending === `else ${kind}` && kind !== 'range') return [this.#control(kind, body.start)];
    if (body.ending !== 'else') {
      throw body.ending === 'end of text'
        ? this.#fault(start, `{{${kind}}} without {{end}}`)
        : this.#fault(body.start, `unexpected {{${body.ending}}}`);
    }
    const { nodes, ending, start: place } = this.#branch();
    if (ending === 'end of text') throw this.#fault(start, `{{${kind}}} without {{end}}`);
    if (ending !== 'end') throw this.#fault(place, `unexpected {{${ending}}}`);
    return nodes;
  }

  #pipeline(closing: 'close' | ')', keyword?: 'if' | 'with' | 'range'): Pipeline {
    const { start } = this.#peek();
    const { variables, assigns } = this.#declaration(keyword);
    const commands: Command[] = [];
    for (;;) {
      commands.push(this.#command(commands.length > 0));
      const token = this.#next();
      if (token.kind === closing) break;
      if (token.kind !== '|') throw this.#unexpected(token);
    }
    if (!assigns) this.#variables = [...this.#variables, ...variables];
    return { start, variables, assigns, commands };
  }

  #declaration(keyword: 'if' | 'with' | 'range' | undefined): Pick<Pipeline, 'variables' | 'assigns'> {
    const first = this.#peek();
    if (first.kind !== 'variable') return { variables: [], assigns: false };
    const second = keyword === 'range' && this.#peek(1).kind === ',' ? this.#peek(2) : undefined;
    const names = second?.kind === 'variable' ? [first.text, second.text] : [first.text];
    const mark = this.#peek(names.length === 2 ? 3 : 1).kind;
    if (mark !== ':=' && mark !== '=') return { variables: [], assigns: false };
    this.#position += names.length === 2 ? 4 : 2;
    for (const name of mark === '=' ? names : []) this.#known(name, first.start);
    return { variables: names, assigns: mark === '=' };
  }

  #command(isStage: boolean): Command {
    const token = this.#peek();
    const { start } = token;
    if (token.kind === 'word' && !constants.has(token.text)) {
      this.#next();
      if (!isFunctionName(token.text)) throw this.#fault(start, `there is no function "${token.text}"`);
      return { kind: 'call', name: token.text, operands: this.#operands(), start };
    }
    const [operand, second] = this.#operands();
    if (operand === undefined) throw this.#missingValue(token);
    if (second !== undefined) throw this.#fault(second.start, 'only a function takes arguments');
    if (isStage) throw this.#fault(start, 'only a function can follow "|"');
    if (operand.kind === 'constant' && operand.value === undefined) {
      throw this.#fault(start, 'nil is not a value of its own');
    }
    return { kind: 'value', operand, start };
  }

  #operands(): readonly Operand[] {
    const operands: Operand[] = [];
    for (;;) {
      const token = this.#peek();
      const operand = this.#operand(token);
      if (operand === undefined) return operands;
      if (operands.length > 0 && !token.spaced && token.kind !== '(') {
        throw this.#fault(token.start, 'a blank is missing between arguments');
      }
      operands.push(operand);
    }
  }

  #operand(token: Token): Operand | undefined {
    const { start } = token;
    switch (token.kind) {
      case 'string':
        this.#next();
        return { kind: 'constant', value: token.text, start };
      case 'integer':
      case 'float':
        this.#next();
        return { kind: 'constant', value: token.value, start };
      case 'word':
        return this.#constant(token.text, start);
      case 'dot':
        this.#next();
        return { kind: 'dot', fields: [], start };
      case 'field':
        return { kind: 'dot', fields: this.#fields(true), start };
      case 'variable':
        this.#next();
        this.#known(token.text, start);
        return { kind: 'variable', name: token.text, fields: this.#fields(), start };
      case '(':
        this.#next();
        return this.#nested(start, () => {
          const pipeline = this.#pipeline(')');
          return { kind: 'group', pipeline, fields: this.#fields(), start };
        });
      default:
        return undefined;
    }
  }

  /** `true`, `false`, `nil`; a function without arguments may stand as an operand too. */
  #constant(text: string, start: number): Operand {
    this.#next();
    if (constants.has(text)) return { kind: 'constant', value: constants.get(text), start };
    if (!isFunctionName(text)) throw this.#fault(start, `there is no function "${text}"`);
    const commands: readonly Command[] = [{ kind: 'call', name: text, operands: [], start }];
    return { kind: 'group', pipeline: { start, variables: [], assigns: false, commands }, fields: [], start };
  }

  #fields(firstSpaced = false): readonly string[] {
    const fields: string[] = [];
    for (;;) {
      const token = this.#peek();
      if (token.kind !== 'field' || (token.spaced && !(firstSpaced && fields.length === 0))) return fields;
      fields.push(token.text);
      this.#next();
    }
  }

  #nested<Result>(start: number, read: () => Result): Result {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw this.#fault(start, 'nested too deeply');
    const result = read();
    this.#depth -= 1;
    return result;
  }

  #known(name: string, start: number): void {
    if (!this.#variables.includes(name)) throw this.#fault(start, `there is no variable $${name}`);
  }

  #close(): void {
    const token = this.#next();
    if (token.kind !== 'close') throw this.#unexpected(token);
  }

  /** The word that comes next, unless something else does. */
  #word(): string | undefined {
    const token = this.#peek();
    return token.kind === 'word' ? token.text : undefined;
  }

  #peek(ahead = 0): Token {
    return this.#tokens[this.#position + ahead] ?? { kind: 'end', start: this.#text.length, spaced: false };
  }

  #next(): Token {
    const token = this.#peek();
    this.#position += 1;
    return token;
  }

  #missingValue(token: Token): EspejoError {
    return token.kind === 'close' || token.kind === '|' || token.kind === ')'
      ? this.#fault(token.start, 'a value is missing')
      : this.#unexpected(token);
  }

  #unexpected(token: Token): EspejoError {
    return this.#fault(token.start, `unexpected ${describe(token)}`);
  }

  #fault(position: number, problem: string): EspejoError {
    return templateError(this.#text, position, problem);
  }
}

const constants: ReadonlyMap<string, boolean | undefined> = new Map([
  ['true', true],
  ['false', false],
  ['nil', undefined],
]);

/** What Go has and a line of output does not need. */
const unsupported: ReadonlySet<string> = new Set(['define', 'template', 'block', 'break', 'continue']);

const markNames: Readonly<Record<Mark | 'dot' | 'open' | 'close' | 'end', string>> = {
  '|': '"|"',
  '(': '"("',
  ')': '")"',
  ',': '","',
  ':=': '":="',
  '=': '"="',
  dot: '"."',
  open: '"{{"',
  close: '"}}"',
  end: 'end of the template',
};

function describe(token: Token): string {
  switch (token.kind) {
    case 'integer':
    case 'float':
      return String(token.value);
    case 'text':
    case 'string':
    case 'word':
      return `"${token.text}"`;
    case 'field':
      return `".${token.text}"`;
    case 'variable':
      return `"$${token.text}"`;
    default:
      return markNames[token.kind];
  }
}
