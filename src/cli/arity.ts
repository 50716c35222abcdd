/** Which positional arguments a command takes. */
export type Arity =
  | { readonly kind: 'count'; readonly minimum: number; readonly maximum: number }
  /** `<x>` stands for any word, `ppa:*` for one with that start, others for themselves; `...` at the end repeats. */
  | { readonly kind: 'forms'; readonly forms: readonly string[] }
  /**
   * `before` words, then one source for each component of `-component`, and one word more for the prefix: after the
   * sources in `publish snapshot`, before them in `publish switch`.
   */
  | { readonly kind: 'sources'; readonly before: number };

export const noArguments: Arity = exactly(0);

export function exactly(count: number): Arity {
  return { kind: 'count', minimum: count, maximum: count };
}

export function between(minimum: number, maximum: number): Arity {
  return { kind: 'count', minimum, maximum };
}

export function atLeast(minimum: number): Arity {
  return { kind: 'count', minimum, maximum: Number.POSITIVE_INFINITY };
}

/**
 * Whether a command takes these arguments; when not, it is a wrong command line (exit 2).
 * @param component value of `-component`, which counts the sources of a publication
 */
export function acceptsArguments(arity: Arity, args: readonly string[], component = ''): boolean {
  switch (arity.kind) {
    case 'count':
      return args.length >= arity.minimum && args.length <= arity.maximum;
    case 'forms':
      return arity.forms.some((form) => fitsForm(form.split(' '), args));
    case 'sources': {
      const least = arity.before + component.split(',').length;
      return args.length === least || args.length === least + 1;
    }
  }
}

function fitsForm(form: readonly string[], args: readonly string[]): boolean {
  const repeats = form.at(-1) === '...';
  const words = repeats ? form.slice(0, -1) : form;
  if (args.length < words.length || (!repeats && args.length > words.length)) return false;
  return words.every((word, position) => fitsWord(word, args[position] ?? ''));
}

function fitsWord(word: string, argument: string): boolean {
  if (word.startsWith('<')) return true;
  return word.endsWith('*') ? argument.startsWith(word.slice(0, -1)) : argument === word;
}
