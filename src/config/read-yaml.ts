import type { LineCounter, Node, Pair } from 'yaml';
import type { Entry, Located, Reading } from './document.ts';
import { yaml } from './yaml.ts';

/** Aliases may repeat no more values than this (a "billion laughs" file is refused). */
const maxNodes = 100_000;

/** No deeper than this (an alias inside its own anchor has no end). */
const maxDepth = 100;

/** Reads one YAML 1.2 document; anchors, aliases and `<<` merges are resolved. */
export function readYaml(text: string): Reading {
  const { LineCounter, parseDocument, isAlias } = yaml();
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, uniqueKeys: false, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) return fault(counter, error.pos[0], error.message);
  // The library walks through the document for each answer, and an alias is met as often as what it stands in.
  const targets = new Map<Node, Node | undefined>();
  const locator = new Locator(counter, (node) => {
    if (!isAlias(node)) return node;
    if (!targets.has(node)) targets.set(node, node.resolve(document));
    return targets.get(node);
  });
  try {
    return { kind: 'document', format: 'yaml', root: locator.locate(document.contents) };
  } catch (cause) {
    if (!(cause instanceof YamlFault)) throw cause;
    return fault(counter, cause.offset, cause.message);
  }
}

class YamlFault extends Error {
  readonly offset: number;

  constructor(offset: number, reason: string) {
    super(reason);
    this.offset = offset;
  }
}

function fault(counter: LineCounter, offset: number, reason: string): Reading {
  const { line, col } = counter.linePos(offset);
  return { kind: 'fault', format: 'yaml', fault: { line, column: col, reason } };
}

class Locator {
  #visited = 0;
  #depth = 0;
  readonly #counter: LineCounter;
  readonly #resolve: (node: Node) => Node | undefined;

  constructor(counter: LineCounter, resolve: (node: Node) => Node | undefined) {
    this.#counter = counter;
    this.#resolve = resolve;
  }

  locate(part: unknown, lineBefore = 1): Located {
    const node = this.#target(part);
    this.#depth += 1;
    if (this.#depth > maxDepth) throw new YamlFault(node?.range?.[0] ?? 0, `more than ${maxDepth} levels`);
    const located = this.#located(node, lineBefore);
    this.#depth -= 1;
    return located;
  }

  #located(node: Node | undefined, lineBefore: number): Located {
    if (node === undefined) return { kind: 'scalar', line: lineBefore, value: null };
    const line = this.#lineOf(node) ?? lineBefore;
    const { isMap, isScalar, isSeq } = yaml();
    if (isMap(node)) return { kind: 'map', line, entries: this.#entries(node.items, line) };
    if (isSeq(node)) {
      return { kind: 'list', line, items: node.items.map((item) => this.locate(item, line)) };
    }
    const value: unknown = isScalar(node) ? node.value : null;
    if (!isScalar(node) || !isScalarValue(value)) return { kind: 'scalar', line, value: null };
    const plain = node.type === 'PLAIN' && node.source !== undefined;
    return { kind: 'scalar', line, value, ...(plain ? { source: node.source } : {}) };
  }

  /** `<<` gives entries that stand behind the map's own. */
  #entries(pairs: readonly Pair[], lineBefore: number): readonly Entry[] {
    const { isScalar } = yaml();
    const entries: Entry[] = [];
    const merged: Entry[] = [];
    for (const { key, value } of pairs) {
      const keyNode = this.#target(key);
      const line = this.#lineOf(keyNode) ?? lineBefore;
      if (keyNode === undefined || !isScalar(keyNode)) {
        throw new YamlFault(keyNode?.range?.[0] ?? 0, 'a key is not plain text');
      }
      const entry = { key: keyNode.source ?? String(keyNode.value), line, value: this.locate(value, line) };
      if (entry.key === '<<') merged.push(...mergedEntries(entry.value));
      else entries.push(entry);
    }
    const names = new Set(entries.map(({ key }) => key));
    for (const entry of merged) {
      if (names.has(entry.key)) continue;
      names.add(entry.key);
      entries.push(entry);
    }
    return entries;
  }

  #target(part: unknown): Node | undefined {
    this.#visited += 1;
    const node = isNode(part) ? part : undefined;
    const offset = node?.range?.[0] ?? 0;
    if (this.#visited > maxNodes) throw new YamlFault(offset, `more than ${maxNodes} values`);
    if (node === undefined) return undefined;
    const target = this.#resolve(node);
    if (target === undefined) throw new YamlFault(offset, 'an alias has no anchor');
    return target;
  }

  #lineOf(node: Node | undefined): number | undefined {
    const offset = node?.range?.[0];
    return offset === undefined ? undefined : this.#counter.linePos(offset).line;
  }
}

function isNode(part: unknown): part is Node {
  const { isAlias, isMap, isScalar, isSeq } = yaml();
  return isScalar(part) || isMap(part) || isSeq(part) || isAlias(part);
}

function isScalarValue(value: unknown): value is string | number | boolean | null {
  return (
    value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  );
}

function mergedEntries(value: Located): readonly Entry[] {
  if (value.kind === 'map') return value.entries;
  return value.kind === 'list' ? value.items.flatMap(mergedEntries) : [];
}
