/** A parsed file before it means anything: values with the lines (from 1) they stand on. */
export type Located = { readonly line: number } & (
  | { readonly kind: 'map'; readonly entries: readonly Entry[] }
  | { readonly kind: 'list'; readonly items: readonly Located[] }
  | {
      readonly kind: 'scalar';
      readonly value: string | number | boolean | null;
      /** How an unquoted YAML scalar was written: `16.04` is the text of a number. */
      readonly source?: string;
    }
);

export type Entry = { readonly key: string; readonly line: number; readonly value: Located };

export type Format = 'json' | 'yaml';

/** A place in a file that is no JSON or no YAML. */
export type SyntaxFault = { readonly line: number; readonly column: number; readonly reason: string };

export type Reading =
  | { readonly kind: 'document'; readonly format: Format; readonly root: Located }
  | { readonly kind: 'fault'; readonly format: Format; readonly fault: SyntaxFault };
