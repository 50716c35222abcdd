import { stringify } from 'yaml';
import type * as z from 'zod';
import { aptlyShape } from '../config/aptly-schema.ts';
import type { EspejoConfig } from '../config/config.ts';
import { fieldsOf, spellingsOf } from '../config/schema-facts.ts';
import { compareBytes } from '../core/compare-bytes.ts';
import { withoutLogins } from '../core/redact.ts';
import { type GoJson, renderGoJson } from '../go/go-json.ts';

type Shown = Pick<EspejoConfig, 'aptly' | 'emptied'>;

/** `config show` (spec/cli.md 3, spec/config.md 2): aptly's keys in its order, four spaces a level. */
export function configJson(config: Shown): string {
  return renderGoJson(namedBy(config, 'json'), 4);
}

/** `config show -yaml`, without the empty line at its end. */
export function configYaml(config: Shown): string {
  return stringify(namedBy(config, 'yaml'), { indent: 4, lineWidth: 0 }).trimEnd();
}

type Names = 'json' | 'yaml';
type Plain = { readonly [key: string]: GoJson };

function namedBy({ aptly, emptied }: Shown, names: Names): Plain {
  const values: Readonly<Record<string, unknown>> = aptly;
  const entries = Object.entries(aptlyShape).map(([key, schema]) => {
    const name = nameOf(key, schema, names);
    if (key === 'packagePoolStorage') return [name, poolStorage(aptly.packagePoolStorage, names)];
    const value = values[key];
    const isNull = names === 'json' && typeof value === 'object' && emptied.includes(key);
    return [name, isNull ? null : named(value, schema, names)];
  });
  return Object.fromEntries(entries);
}

/** aptly leaves out what it does not need: everything for the pool below rootDir. */
function poolStorage(storage: EspejoConfig['aptly']['packagePoolStorage'], names: Names): Plain {
  const { type, path, ...azure } = storage;
  if (type === 'azure') {
    const account = named(azure, aptlyShape.packagePoolStorage, names);
    return { type, ...(account as Plain) };
  }
  return path === '' ? {} : { type: 'local', path };
}

function named(value: unknown, schema: z.ZodType, names: Names): GoJson {
  if (typeof value !== 'object' || value === null) return scalar(value);
  if (Array.isArray(value)) return value.map(scalar);
  const fields = fieldsOf(schema);
  const entries = Object.entries(value);
  if (fields.kind === 'map') {
    const sorted = entries.toSorted(([a], [b]) => compareBytes(a, b));
    return new Map(sorted.map(([name, one]) => [name, named(one, fields.value, names)]));
  }
  return Object.fromEntries(
    entries.map(([key, one]) => {
      const field = fields.shape[key];
      if (field === undefined) return [key, scalar(one)];
      return [nameOf(key, field, names), secretKeys.has(key) ? hidden(one) : named(one, field, names)];
    }),
  );
}

/** Keys whose values are for the storage alone. */
const secretKeys: ReadonlySet<string> = new Set([
  'accessToken',
  'accountKey',
  'apiKey',
  'awsSecretAccessKey',
  'awsSessionToken',
  'encryptionKey',
  'password',
  'serviceAccountJSON',
]);

function hidden(value: unknown): GoJson {
  return value === '' ? '' : '***';
}

function scalar(value: unknown): GoJson {
  switch (typeof value) {
    case 'string':
      return withoutLogins(value);
    case 'number':
    case 'boolean':
      return value;
    default:
      return null;
  }
}

function nameOf(key: string, schema: z.ZodType, names: Names): string {
  const [json = key, yaml = json] = spellingsOf(key, schema);
  return names === 'json' ? json : yaml;
}
