/**
 * A test for a shell glob over a whole value, as Go's filepath.Match: `*` and `?` do not cross `/`, `[^a-z]` is negated
 * with `^` only, `\` makes the next character literal. A malformed pattern matches nothing.
 */
export function compileGlob(pattern: string): (value: string) => boolean {
  const parts = parseGlob(Array.from(pattern));
  if (parts === undefined) return () => false;
  return (value) => matchParts(parts, Array.from(value));
}

type Part = '*' | ((character: string) => boolean);

/** Greedy with one point to come back to: the latest `*` (linear in value times pattern, and what Go does). */
function matchParts(parts: readonly Part[], value: readonly string[]): boolean {
  let part = 0;
  let star = -1;
  let starEnd = 0;
  let position = 0;
  for (;;) {
    const expected = parts[part];
    const character = value[position];
    if (expected === '*') {
      star = part;
      starEnd = position;
      part += 1;
    } else if (expected === undefined && character === undefined) {
      return true;
    } else if (expected !== undefined && character !== undefined && expected(character)) {
      part += 1;
      position += 1;
    } else {
      const swallowed = value[starEnd];
      if (star < 0 || swallowed === undefined || swallowed === '/') return false;
      starEnd += 1;
      position = starEnd;
      part = star + 1;
    }
  }
}

function parseGlob(pattern: readonly string[]): readonly Part[] | undefined {
  const parts: Part[] = [];
  let position = 0;
  while (position < pattern.length) {
    const character = pattern[position];
    position += 1;
    if (character === '*') parts.push('*');
    else if (character === '?') parts.push((found) => found !== '/');
    else if (character === '[') {
      const set = parseSet(pattern, position);
      if (set === undefined) return undefined;
      parts.push(set.test);
      position = set.end;
    } else {
      const literal = character === '\\' ? pattern[position++] : character;
      if (literal === undefined) return undefined;
      parts.push((found) => found === literal);
    }
  }
  return parts;
}

type CharacterSet = { readonly test: (character: string) => boolean; readonly end: number };

/** `[` was read; a set has one range or more, and `]` and `-` stand for themselves only after `\`. */
function parseSet(pattern: readonly string[], start: number): CharacterSet | undefined {
  const negated = pattern[start] === '^';
  const ranges: (readonly [number, number])[] = [];
  let position = negated ? start + 1 : start;
  while (ranges.length === 0 || pattern[position] !== ']') {
    const low = setCharacter(pattern, position);
    if (low === undefined) return undefined;
    const high = pattern[low.end] === '-' ? setCharacter(pattern, low.end + 1) : low;
    if (high === undefined) return undefined;
    ranges.push([low.code, high.code]);
    position = high.end;
  }
  return {
    test: (character) => {
      const code = character.codePointAt(0) ?? 0;
      return ranges.some(([low, high]) => low <= code && code <= high) !== negated;
    },
    end: position + 1,
  };
}

function setCharacter(
  pattern: readonly string[],
  position: number,
): { readonly code: number; readonly end: number } | undefined {
  const first = pattern[position];
  if (first === '-' || first === ']') return undefined;
  const at = first === '\\' ? position + 1 : position;
  const code = pattern[at]?.codePointAt(0);
  return code === undefined ? undefined : { code, end: at + 1 };
}
