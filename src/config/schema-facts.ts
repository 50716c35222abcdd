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

/** What a schema holds: named fields (none in a plain value), or a map of any names. */
export function fieldsOf(
  schema: z.ZodType,
):
  | { readonly kind: 'object'; readonly shape: Readonly<Record<string, z.ZodType>> }
  | { readonly kind: 'map'; readonly value: z.ZodType } {
  const core = innermost(schema);
  if (core instanceof z.ZodRecord) return { kind: 'map', value: asSchema(core.valueType) };
  const fields = core instanceof z.ZodObject ? Object.entries(core.shape) : [];
  return { kind: 'object', shape: Object.fromEntries(fields.map(([key, one]) => [key, asSchema(one)])) };
}

/** The schema under optional, default and transform. */
export function innermost(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodPipe) return innermost(asSchema(schema.in));
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return innermost(asSchema(schema.unwrap()));
  }
  return schema;
}

export const anything: z.ZodType = z.unknown();

export function asSchema(schema: unknown): z.ZodType {
  return schema instanceof z.ZodType ? schema : anything;
}
