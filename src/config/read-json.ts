import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { Entry, Located, Reading } from './document.ts';

/** Reads aptly's JSON dialect: `//` and block comments, trailing commas. */
export function readJson(text: string): Reading {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const lines = lineStarts(text);
  const [error] = errors;
  if (error === undefined && root !== undefined) {
    return { kind: 'document', format: 'json', root: locate(root, lines) };
  }
  const offset = error?.offset ?? 0;
  const line = lineAt(offset, lines);
  const reason = error === undefined ? 'there is no value' : wordsOf(printParseErrorCode(error.error));
  return {
    kind: 'fault',
    format: 'json',
    fault: { line, column: offset - (lines[line - 1] ?? 0) + 1, reason },
  };
}

function locate(node: Node, lines: readonly number[]): Located {
  const line = lineAt(node.offset, lines);
  const children = node.children ?? [];
  switch (node.type) {
    case 'object':
      return { kind: 'map', line, entries: children.flatMap((property) => entryOf(property, lines)) };
    case 'array':
      return { kind: 'list', line, items: children.map((child) => locate(child, lines)) };
    default: {
      const value: unknown = node.value;
      const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
      return { kind: 'scalar', line, value: isScalar ? value : null };
    }
  }
}

function entryOf(property: Node, lines: readonly number[]): readonly Entry[] {
  const [key, value] = property.children ?? [];
  if (key === undefined || value === undefined) return [];
  return [{ key: String(key.value), line: lineAt(key.offset, lines), value: locate(value, lines) }];
}

/** Offsets at which the lines begin. */
function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function lineAt(offset: number, starts: readonly number[]): number {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}

/** `CommaExpected` in words: `comma expected`. */
function wordsOf(code: string): string {
  return code.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}
