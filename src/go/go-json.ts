import { compareBytes } from '../core/compare-bytes.ts';

/** What Go's encoding/json can be given. Map entries and object keys are written in their order; undefined ones are left out. */
export type GoJson =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly GoJson[]
  | ReadonlyMap<string, GoJson>
  | { readonly [key: string]: GoJson | undefined };

/**
 * JSON as Go's `json.MarshalIndent` writes it, without a final newline; scripts compare it byte by byte.
 * A nil list of Go is `null` here, an empty one `[]`.
 * @param indent spaces a level; 0 is `json.Marshal`: one line without blanks
 */
export function renderGoJson(value: GoJson, indent: 0 | 2 | 4): string {
  return render(value, { unit: ' '.repeat(indent), margin: indent === 0 ? '' : '\n' });
}

/** The entries of a Go map, which are written in byte order of their keys. */
export function goMap<Value extends GoJson>(
  entries: Readonly<Record<string, Value>> | ReadonlyMap<string, Value>,
): ReadonlyMap<string, Value> {
  const list =
    entries instanceof Map ? [...entries] : Object.entries<Value>(entries as Record<string, Value>);
  return new Map(list.toSorted(([a], [b]) => compareBytes(a, b)));
}

/** `margin` is a newline with the indentation of the current level, or empty in compact form. */
type Layout = { readonly unit: string; readonly margin: string };

function render(value: GoJson, layout: Layout): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'object':
      return renderContainer(value, layout);
    default:
      return String(value);
  }
}

function renderContainer(value: Extract<GoJson, object>, { unit, margin }: Layout): string {
  const inner: Layout = { unit, margin: margin === '' ? '' : `${margin}${unit}` };
  if (isList(value)) {
    return enclose(
      '[]',
      value.map((item) => render(item, inner)),
      { outer: margin, inner: inner.margin },
    );
  }
  const colon = margin === '' ? ':' : ': ';
  const members = entriesOf(value).flatMap(([key, member]) =>
    member === undefined ? [] : [`${quote(key)}${colon}${render(member, inner)}`],
  );
  return enclose('{}', members, { outer: margin, inner: inner.margin });
}

function enclose(
  brackets: '[]' | '{}',
  items: readonly string[],
  { outer, inner }: { readonly outer: string; readonly inner: string },
): string {
  if (items.length === 0) return brackets;
  return `${brackets[0]}${inner}${items.join(`,${inner}`)}${outer}${brackets[1]}`;
}

/** `Array.isArray` does not narrow readonly lists. */
function isList(value: Extract<GoJson, object>): value is readonly GoJson[] {
  return Array.isArray(value);
}

function entriesOf(
  value: ReadonlyMap<string, GoJson> | { readonly [key: string]: GoJson | undefined },
): readonly (readonly [string, GoJson | undefined])[] {
  return value instanceof Map ? [...value] : Object.entries(value);
}

/** Go also escapes what HTML and JavaScript read as markup or line ends, and replaces what is no Unicode. */
function quote(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
