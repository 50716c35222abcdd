import { callFunction, FunctionFault, lazyFunctions } from './functions.ts';
import type { BranchingNode, Command, Operand, Pipeline, TemplateNode } from './parse.ts';
import { templateError } from './syntax-error.ts';
import { isTrue, plainText, sortedEntries, typeName, type Value } from './values.ts';

/**
 * Fills a template in.
 * @param text the template, for the place in errors
 * @throws E_TEMPLATE_SYNTAX for values that do not fit what is done with them
 */
export function evaluateTemplate(
  nodes: readonly TemplateNode[],
  { text, fields }: { readonly text: string; readonly fields: ReadonlyMap<string, string> },
): string {
  return new Evaluation(text, fields).nodes(nodes, fields);
}

class Evaluation {
  readonly #text: string;
  readonly #variables: Map<string, Value>;

  constructor(text: string, fields: ReadonlyMap<string, string>) {
    this.#text = text;
    this.#variables = new Map([['', fields]]);
  }

  nodes(nodes: readonly TemplateNode[], dot: Value): string {
    return nodes.map((node) => this.#node(node, dot)).join('');
  }

  #node(node: TemplateNode, dot: Value): string {
    switch (node.kind) {
      case 'text':
        return node.text;
      case 'action': {
        const value = this.#pipeline(node.pipeline, dot);
        if (node.pipeline.variables.length > 0) return '';
        return value === undefined ? '<no value>' : plainText(value);
      }
      case 'if':
      case 'with': {
        const value = this.#pipeline(node.pipeline, dot);
        if (!isTrue(value)) return this.nodes(node.otherwise, dot);
        return this.nodes(node.body, node.kind === 'with' ? value : dot);
      }
      case 'range':
        return this.#range(node, dot);
    }
  }

  #range(node: BranchingNode, dot: Value): string {
    const value = this.#pipeline(node.pipeline, dot);
    if (typeof value !== 'object' && value !== undefined) {
      throw templateError(this.#text, node.pipeline.start, `range cannot go over ${typeName(value)}`);
    }
    if (value === undefined || value.size === 0) return this.nodes(node.otherwise, dot);
    const [first, second] = node.pipeline.variables;
    const pieces = sortedEntries(value).map(([name, item]) => {
      if (first !== undefined) this.#variables.set(first, second === undefined ? item : name);
      if (second !== undefined) this.#variables.set(second, item);
      return this.nodes(node.body, item);
    });
    return pieces.join('');
  }

  #pipeline({ commands, variables }: Pipeline, dot: Value): Value {
    let value: Value;
    for (const [stage, command] of commands.entries()) {
      value = this.#command(command, stage === 0 ? [] : [value], dot);
    }
    for (const name of variables) this.#variables.set(name, value);
    return value;
  }

  #command(command: Command, piped: readonly Value[], dot: Value): Value {
    if (command.kind === 'value') return this.#operand(command.operand, dot);
    if (lazyFunctions.has(command.name)) return this.#lazy(command, piped, dot);
    const values = [...command.operands.map((operand) => this.#operand(operand, dot)), ...piped];
    try {
      return callFunction(command.name, values);
    } catch (error) {
      if (error instanceof FunctionFault) throw templateError(this.#text, command.start, error.message);
      throw error;
    }
  }

  /** `and` gives the first value that is false, `or` the first that is true, both the last otherwise. */
  #lazy(
    { name, operands, start }: Extract<Command, { readonly kind: 'call' }>,
    piped: readonly Value[],
    dot: Value,
  ): Value {
    if (operands.length + piped.length === 0) {
      throw templateError(this.#text, start, `${name} takes at least 1 arguments, not 0`);
    }
    let value: Value;
    for (const operand of operands) {
      value = this.#operand(operand, dot);
      if (isTrue(value) === (name === 'or')) return value;
    }
    return piped.length === 0 ? value : piped[0];
  }

  #operand(operand: Operand, dot: Value): Value {
    switch (operand.kind) {
      case 'constant':
        return operand.value;
      case 'dot':
        return this.#fields(dot, operand);
      case 'variable':
        return this.#fields(this.#variables.get(operand.name), operand);
      case 'group':
        return this.#fields(this.#pipeline(operand.pipeline, dot), operand);
    }
  }

  #fields(value: Value, { fields, start }: Extract<Operand, { readonly fields: readonly string[] }>): Value {
    return fields.reduce((from, name) => {
      if (from === undefined) return undefined;
      if (typeof from === 'object') return from.get(name);
      throw templateError(this.#text, start, `a ${typeName(from)} has no field .${name}`);
    }, value);
  }
}
