import { compareBytes } from '../../core/compare-bytes.ts';
import { sprintf } from './printf.ts';
import { isTrue, plainText, typeName, type Value } from './values.ts';

/** A function that was given values which it cannot work with; the caller knows the place. */
export class FunctionFault extends Error {}

/** `and` and `or` are not called with values: they evaluate one argument after the other. */
export const lazyFunctions: ReadonlySet<string> = new Set(['and', 'or']);

export function isFunctionName(name: string): boolean {
  return lazyFunctions.has(name) || functions.has(name);
}

/**
 * Calls one of Go's predefined functions.
 * @throws FunctionFault
 */
export function callFunction(name: string, values: readonly Value[]): Value {
  const known = functions.get(name);
  if (known === undefined) throw new FunctionFault(`there is no function "${name}"`);
  const { minimum, maximum, call } = known;
  if (values.length < minimum || values.length > maximum) {
    const wanted = minimum === maximum ? `${minimum}` : `at least ${minimum}`;
    throw new FunctionFault(`${name} takes ${wanted} arguments, not ${values.length}`);
  }
  return call(values);
}

type Predefined = {
  readonly minimum: number;
  readonly maximum: number;
  readonly call: (values: readonly Value[]) => Value;
};

const any = Number.POSITIVE_INFINITY;

const functions: ReadonlyMap<string, Predefined> = new Map<string, Predefined>([
  ['not', { minimum: 1, maximum: 1, call: ([value]) => !isTrue(value) }],
  ['eq', { minimum: 2, maximum: any, call: ([value, ...others]) => others.some((one) => equal(value, one)) }],
  ['ne', { minimum: 2, maximum: 2, call: ([a, b]) => !equal(a, b) }],
  ['lt', { minimum: 2, maximum: 2, call: ([a, b]) => order(a, b) < 0 }],
  ['le', { minimum: 2, maximum: 2, call: ([a, b]) => order(a, b) <= 0 }],
  ['gt', { minimum: 2, maximum: 2, call: ([a, b]) => order(a, b) > 0 }],
  ['ge', { minimum: 2, maximum: 2, call: ([a, b]) => order(a, b) >= 0 }],
  ['len', { minimum: 1, maximum: 1, call: ([value]) => length(value) }],
  ['index', { minimum: 1, maximum: any, call: ([value, ...keys]) => keys.reduce(index, value) }],
  ['slice', { minimum: 1, maximum: 3, call: slice }],
  ['print', { minimum: 0, maximum: any, call: print }],
  ['println', { minimum: 0, maximum: any, call: (values) => `${values.map(plainText).join(' ')}\n` }],
  ['printf', { minimum: 1, maximum: any, call: printf }],
  ['html', { minimum: 0, maximum: any, call: (values) => escapeHtml(joined(values)) }],
  ['urlquery', { minimum: 0, maximum: any, call: (values) => escapeUrl(joined(values)) }],
]);

/** Values of different types are not compared, but a missing value is different from all others. */
function equal(a: Value, b: Value): boolean {
  if (typeof a === 'object' || typeof b === 'object') throw new FunctionFault('maps cannot be compared');
  if (typeof a !== typeof b && a !== undefined && b !== undefined) throw incompatible(a, b);
  return a === b;
}

function order(a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') return compareBytes(a, b);
  const bothNumbers =
    (typeof a === 'bigint' && typeof b === 'bigint') || (typeof a === 'number' && typeof b === 'number');
  if (!bothNumbers) throw incompatible(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

function incompatible(a: Value, b: Value): FunctionFault {
  return new FunctionFault(`${typeName(a)} and ${typeName(b)} cannot be compared`);
}

/** Of texts in bytes. */
function length(value: Value): bigint {
  if (typeof value === 'string') return BigInt(Buffer.byteLength(value));
  if (typeof value === 'object') return BigInt(value.size);
  throw new FunctionFault(`${typeName(value)} has no length`);
}

/** A field of a map, empty when it is missing; a byte of a text. */
function index(value: Value, key: Value): Value {
  if (typeof value === 'object' && typeof key === 'string') return value.get(key) ?? '';
  if (typeof value === 'string' && typeof key === 'bigint') {
    const byte = Buffer.from(value)[Number(key)];
    if (byte === undefined) throw new FunctionFault(`index ${key} is out of range`);
    return BigInt(byte);
  }
  throw new FunctionFault(`${typeName(value)} has no index of type ${typeName(key)}`);
}

function slice([value, ...bounds]: readonly Value[]): Value {
  if (typeof value !== 'string') throw new FunctionFault(`${typeName(value)} cannot be sliced`);
  const bytes = Buffer.from(value);
  const [from = 0, to = bytes.length] = bounds.map((bound) => {
    if (typeof bound !== 'bigint' || bound < 0n || bound > bytes.length) {
      throw new FunctionFault(`slice bound ${plainText(bound)} is out of range`);
    }
    return Number(bound);
  });
  if (from > to) throw new FunctionFault(`slice bounds ${from} and ${to} are in the wrong order`);
  return bytes.subarray(from, to).toString();
}

/** Blanks stand only between values that are no texts. */
function print(values: readonly Value[]): string {
  return values
    .map((value, position) => {
      const blank = position > 0 && typeof value !== 'string' && typeof values[position - 1] !== 'string';
      return `${blank ? ' ' : ''}${plainText(value)}`;
    })
    .join('');
}

function printf([format, ...values]: readonly Value[]): string {
  if (typeof format !== 'string') throw new FunctionFault(`printf takes a text, not ${typeName(format)}`);
  return sprintf(format, values);
}

function joined(values: readonly Value[]): string {
  return values.length === 1 ? plainText(values[0]) : print(values);
}

const htmlEscapes: Readonly<Record<string, string>> = {
  '\0': '\ufffd',
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
};

function escapeHtml(text: string): string {
  return text.replace(/[\0"'&<>]/g, (character) => htmlEscapes[character] ?? character);
}

/** `url.QueryEscape`. */
function escapeUrl(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}
