import * as z from 'zod';

type SchemaFacts = {
  /** Other names of a key; without any, its name in snake_case. */
  readonly spellings?: readonly string[];
  /** A lone scalar in place of an object is the value of this key. */
  readonly scalarKey?: string;
  /** A text that may be written as a number. */
  readonly numbers?: boolean;
};

const registry = z.registry<SchemaFacts>();

/** Notes what the schema alone does not say; a schema can be noted once, so make a new one for every key. */
export function noted<Schema extends z.ZodType>(schema: Schema, facts: SchemaFacts): Schema {
  registry.add(schema, facts);
  return schema;
}

/** A key with irregular other names: aptly's YAML name, and misspelt ones of its template. */
export function spelled<Schema extends z.ZodType>(schema: Schema, ...spellings: readonly string[]): Schema {
  return noted(schema, { spellings });
}

export function factsOf(schema: z.ZodType): SchemaFacts {
  return registry.get(schema) ?? {};
}

/** All names of a key: the canonical one first, then the YAML one. */
export function spellingsOf(key: string, schema: z.ZodType): readonly string[] {
  return [key, ...(factsOf(schema).spellings ?? [snakeCase(key)])];
}

/** `keepByHash` as `keep_by_hash`. */
export function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
