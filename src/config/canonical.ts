import * as z from 'zod';
import { didYouMean } from '../core/closest.ts';
import type { Entry, Format, Located } from './document.ts';
import type { KeyPath, Problem } from './problems.ts';
import { anything, asSchema, factsOf, innermost, snakeCase, spellingsOf } from './schema-facts.ts';

export type Canonical = {
  /** Plain data with canonical keys. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Keys of JSON that are set again further down, where the last one counts, as in aptly. */
  readonly repeated: readonly Problem[];
  /** Top-level keys that are set to null. */
  readonly nullKeys: readonly string[];
  /** Where a value stands, or the nearest one that contains it. */
  readonly siteOf: (path: KeyPath) => Site;
};

type Site = { readonly line: number; readonly label: string };

/**
 * Turns a file into data with canonical keys, led by the schema: all spellings of a key, a lone value where a list may
 * stand, unquoted YAML numbers where a text is wanted. Unknown keys are problems, and so are repeated ones in YAML, as for
 * aptly; null is "not set".
 */
export function canonicalize(root: Located, schema: z.ZodType, format: Format): Canonical {
  const converter = new Converter(format);
  const value = converter.convert(root, schema, [], '');
  const { problems, repeated, nullKeys } = converter;
  return { value, problems, repeated, nullKeys, siteOf: (path) => converter.siteOf(path) };
}

class Converter {
  readonly problems: Problem[] = [];
  readonly repeated: Problem[] = [];
  readonly nullKeys: string[] = [];
  readonly #sites = new Map<string, Site>();
  readonly #format: Format;

  constructor(format: Format) {
    this.#format = format;
  }

  siteOf(path: KeyPath): Site {
    const site = this.#sites.get(JSON.stringify(path));
    if (site !== undefined) return site;
    const key = path.at(-1);
    if (key === undefined) return { line: 1, label: '' };
    const parent = this.siteOf(path.slice(0, -1));
    const written = this.#format === 'yaml' && typeof key === 'string' ? snakeCase(key) : key;
    return { line: parent.line, label: childLabel(parent.label, written) };
  }

  convert(node: Located, schema: z.ZodType, path: KeyPath, label: string): unknown {
    this.#sites.set(JSON.stringify(path), { line: node.line, label });
    const core = innermost(schema);
    if (node.kind === 'scalar') return this.#scalar(node, core, path, label);
    if (node.kind === 'list') {
      const element = core instanceof z.ZodArray ? asSchema(core.element) : anything;
      return node.items.map((item, index) =>
        this.convert(item, element, [...path, index], childLabel(label, index)),
      );
    }
    if (core instanceof z.ZodObject) return this.#object(node.entries, core, path, label);
    const valueSchema = core instanceof z.ZodRecord ? asSchema(core.valueType) : anything;
    return this.#record(node.entries, valueSchema, path, label);
  }

  #scalar(
    node: Located & { readonly kind: 'scalar' },
    core: z.ZodType,
    path: KeyPath,
    label: string,
  ): unknown {
    if (node.value === null) return undefined;
    if (core instanceof z.ZodArray) return [this.convert(node, asSchema(core.element), [...path, 0], label)];
    const { scalarKey } = factsOf(core);
    if (core instanceof z.ZodObject && scalarKey !== undefined) {
      const inner: unknown = core.shape[scalarKey];
      return { [scalarKey]: this.convert(node, asSchema(inner), [...path, scalarKey], label) };
    }
    if (core instanceof z.ZodString && typeof node.value !== 'string') {
      if (node.source !== undefined) return node.source;
      return factsOf(core).numbers === true && typeof node.value === 'number'
        ? String(node.value)
        : node.value;
    }
    if (core instanceof z.ZodBoolean && node.source !== undefined) {
      return yamlFlags.get(node.source.toLowerCase()) ?? node.value;
    }
    return node.value;
  }

  #object(entries: readonly Entry[], schema: z.ZodObject, path: KeyPath, label: string): unknown {
    const names = this.#namesOf(schema);
    const result: Record<string, unknown> = {};
    const nameOf = (key: string): string => names.get(this.#fold(key)) ?? key;
    for (const { key, line, value } of this.#onceEach(entries, nameOf, label)) {
      const name = names.get(this.#fold(key));
      const keyLabel = childLabel(label, key);
      if (name === undefined) {
        const message = `unknown key${didYouMean(key, this.#offered(schema))}`;
        this.problems.push({ line, path: keyLabel, message, unknown: true });
        continue;
      }
      const converted = this.convert(value, asSchema(schema.shape[name]), [...path, name], keyLabel);
      this.#sites.set(JSON.stringify([...path, name]), { line, label: keyLabel });
      if (converted !== undefined) result[name] = converted;
      else if (path.length === 0) this.nullKeys.push(name);
    }
    return result;
  }

  #record(entries: readonly Entry[], schema: z.ZodType, path: KeyPath, label: string): unknown {
    const result = new Map<string, unknown>();
    for (const { key, line, value } of this.#onceEach(entries, (key) => key, label)) {
      const keyLabel = childLabel(label, key);
      if (key === '__proto__') {
        this.problems.push({ line, path: keyLabel, message: 'cannot be a name' });
        continue;
      }
      const converted = this.convert(value, schema, [...path, key], keyLabel);
      this.#sites.set(JSON.stringify([...path, key]), { line, label: keyLabel });
      result.set(key, converted ?? {});
    }
    return Object.fromEntries(result);
  }

  /** From every spelling to the canonical name. */
  #namesOf(schema: z.ZodObject): ReadonlyMap<string, string> {
    const names = new Map<string, string>();
    for (const [name, value] of Object.entries(schema.shape)) {
      for (const spelling of spellingsOf(name, asSchema(value))) names.set(this.#fold(spelling), name);
    }
    return names;
  }

  /** The spelling of each key that belongs to the format. */
  #offered(schema: z.ZodObject): readonly string[] {
    return Object.entries(schema.shape).map(([name, value]) => {
      const [json = name, yaml = json] = spellingsOf(name, asSchema(value));
      return this.#format === 'json' ? json : yaml;
    });
  }

  #fold(key: string): string {
    return this.#format === 'json' ? key.toLowerCase() : key;
  }

  /** Of entries with one name that which counts: in JSON the last, as for Go; in YAML two are a fault. */
  #onceEach(entries: readonly Entry[], nameOf: (key: string) => string, label: string): readonly Entry[] {
    const kept = new Map<string, Entry>();
    for (const entry of entries) {
      const name = nameOf(entry.key);
      const earlier = kept.get(name);
      if (earlier === undefined || this.#format === 'json') kept.set(name, entry);
      if (earlier === undefined) continue;
      const path = childLabel(label, entry.key);
      const message = `is set twice; the first time on line ${earlier.line}`;
      if (this.#format === 'json')
        this.repeated.push({ line: entry.line, path, message: `${message}; the last one counts` });
      else this.problems.push({ line: entry.line, path, message });
    }
    return [...kept.values()];
  }
}

/** What YAML 1.1, and so aptly, takes for booleans besides true and false. */
const yamlFlags: ReadonlyMap<string, boolean> = new Map([
  ['yes', true],
  ['on', true],
  ['no', false],
  ['off', false],
]);

function childLabel(label: string, key: string | number): string {
  if (typeof key === 'number') return `${label}[${key}]`;
  return label === '' ? key : `${label}.${key}`;
}
