/** Which bytes of a file an answer carries; `end` is the last byte, inclusive. */
export type ByteRange =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly start: number; readonly end: number }
  | { readonly kind: 'unsatisfiable' };

type Span = { readonly start: number; readonly end: number };

const whole: ByteRange = { kind: 'whole' };
const maxSpans = 32;

/**
 * Reads a Range header (RFC 9110 section 14.2) for a file of `size` bytes. Several ranges are answered as one part when
 * they overlap or touch, else with the whole file, as the RFC permits; so is a header that cannot be read.
 */
export function parseByteRange(header: string | undefined, size: number): ByteRange {
  if (header === undefined) return whole;
  const specs = /^\s*bytes\s*=(.*)$/i.exec(header)?.[1]?.split(',');
  if (specs === undefined || specs.length > maxSpans) return whole;
  const spans: Span[] = [];
  for (const spec of specs) {
    const span = parseSpan(spec, size);
    if (span === 'malformed') return whole;
    if (span !== 'outside') spans.push(span);
  }
  const joined = join(spans);
  const [first] = joined;
  if (first === undefined) return { kind: 'unsatisfiable' };
  return joined.length === 1 ? { kind: 'part', ...first } : whole;
}

function parseSpan(spec: string, size: number): Span | 'malformed' | 'outside' {
  const match = /^\s*(\d{0,16})-(\d{0,16})\s*$/.exec(spec);
  const [, from = '', to = ''] = match ?? [];
  if (from === '' && to === '') return 'malformed';
  if (from === '') {
    const length = Math.min(Number(to), size);
    return length === 0 ? 'outside' : { start: size - length, end: size - 1 };
  }
  const start = Number(from);
  if (to !== '' && Number(to) < start) return 'malformed';
  if (start >= size) return 'outside';
  return { start, end: to === '' ? size - 1 : Math.min(Number(to), size - 1) };
}

function join(spans: readonly Span[]): readonly Span[] {
  const joined: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    const last = joined.at(-1);
    if (last === undefined || span.start > last.end + 1) joined.push(span);
    else joined[joined.length - 1] = { start: last.start, end: Math.max(last.end, span.end) };
  }
  return joined;
}
