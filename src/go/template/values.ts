import { compareBytes } from '../../core/compare-bytes.ts';

/** Integers are bigint, floats number; undefined is Go's missing value and nil. */
export type Value = string | boolean | bigint | number | ReadonlyMap<string, string> | undefined;

/** What `{{if}}`, `and`, `or` and `not` take for true: all but the zero value of each type. */
export function isTrue(value: Value): boolean {
  return typeof value === 'object' ? value.size > 0 : Boolean(value);
}

/** The name of its type in Go, for messages and `%T`. */
export function typeName(value: Value): string {
  switch (typeof value) {
    case 'bigint':
      return 'int';
    case 'number':
      return 'float64';
    case 'boolean':
      return 'bool';
    case 'object':
      return 'map[string]string';
    case 'undefined':
      return '<nil>';
    default:
      return 'string';
  }
}

/** As `%v` prints it. */
export function plainText(value: Value): string {
  switch (typeof value) {
    case 'undefined':
      return '<nil>';
    case 'object':
      return `map[${sortedEntries(value)
        .map(([name, text]) => `${name}:${text}`)
        .join(' ')}]`;
    case 'number':
      return shortestFloat(value);
    default:
      return String(value);
  }
}

/** The entries of a map in the order in which Go prints and ranges over them. */
export function sortedEntries(map: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  return [...map].toSorted(([a], [b]) => compareBytes(a, b));
}

/** `%g` with the shortest digits, exponents of two digits at least and from 21 on. */
function shortestFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-4 && size < 1e21)) return String(value);
  return goExponent(value.toExponential());
}

/** `1e+7` as Go writes it: `1e+07`. */
export function goExponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}
