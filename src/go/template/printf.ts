import { goExponent, plainText, typeName, type Value } from './values.ts';

/** Go's `fmt.Sprintf` with the verbs v s q x X d b o c U t T e f g, the flags `+-# 0`, width and precision. */
export function sprintf(format: string, values: readonly Value[]): string {
  let text = '';
  let used = 0;
  let position = 0;
  for (;;) {
    const percent = format.indexOf('%', position);
    text += format.slice(position, percent === -1 ? undefined : percent);
    if (percent === -1) break;
    const { directive, end } = readDirective(format, percent + 1);
    position = end;
    if (directive.verb === '%') text += '%';
    else if (directive.verb === '') text += '%!(NOVERB)';
    else if (used >= values.length) text += `%!${directive.verb}(MISSING)`;
    else {
      text += formatOne(directive, values[used]);
      used += 1;
    }
  }
  return text + extra(values.slice(used));
}

type Directive = {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly verb: string;
};

/** Wider fields than any line of output has are cut, so that a template cannot take all memory. */
const maxWidth = 10_000;

function readDirective(
  format: string,
  start: number,
): { readonly directive: Directive; readonly end: number } {
  let position = start;
  const take = (accepted: string): string => {
    const from = position;
    while (position < format.length && accepted.includes(format.charAt(position))) position += 1;
    return format.slice(from, position);
  };
  const flags = take('+-# 0');
  const width = Math.min(Number(take('0123456789')), maxWidth);
  const precision = take('.') === '' ? undefined : Math.min(Number(take('0123456789')), maxWidth);
  const [verb = ''] = format.slice(position, position + 2);
  return { directive: { flags, width, precision, verb }, end: position + verb.length };
}

function formatOne(directive: Directive, value: Value): string {
  const { flags, width, precision, verb } = directive;
  if (verb === 'T') return pad(typeName(value), { flags, width, zeros: false });
  const text = formatValue(directive, value);
  if (text === undefined) {
    const shown = value === undefined ? '<nil>' : `${typeName(value)}=${plainText(value)}`;
    return `%!${verb}(${shown})`;
  }
  const isNumber = typeof value === 'bigint' || typeof value === 'number';
  return pad(text, {
    flags,
    width,
    zeros: !isNumber || precision === undefined || typeof value === 'number',
  });
}

/** Undefined when the verb does not fit the type. */
function formatValue(directive: Directive, value: Value): string | undefined {
  switch (typeof value) {
    case 'string':
      return formatString(directive, value);
    case 'bigint':
      return formatInteger(directive, value);
    case 'number':
      return formatFloat(directive, value);
    case 'boolean':
      return directive.verb === 'v' || directive.verb === 't' ? String(value) : undefined;
    case 'object':
      return directive.verb === 'v' || directive.verb === 's' ? plainText(value) : undefined;
    default:
      return directive.verb === 'v' ? '<nil>' : undefined;
  }
}

function formatString({ flags, precision, verb }: Directive, value: string): string | undefined {
  switch (verb) {
    case 'v':
    case 's':
      if (verb === 'v' && flags.includes('#')) return goQuote(value);
      return precision === undefined ? value : Array.from(value).slice(0, precision).join('');
    case 'q':
      return goQuote(precision === undefined ? value : Array.from(value).slice(0, precision).join(''));
    case 'x':
    case 'X':
      return hexOf(value, { verb, flags, precision });
    default:
      return undefined;
  }
}

function hexOf(value: string, { verb, flags, precision }: Omit<Directive, 'width'>): string {
  const bytes = Buffer.from(value).subarray(0, precision);
  const pairs = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'));
  const prefix = flags.includes('#') && pairs.length > 0 ? '0x' : '';
  const text = flags.includes(' ')
    ? pairs.map((pair) => prefix + pair).join(' ')
    : `${prefix}${pairs.join('')}`;
  return verb === 'X' ? text.toUpperCase() : text;
}

const bases: Readonly<Record<string, number>> = { v: 10, d: 10, x: 16, X: 16, o: 8, b: 2 };
const prefixes: Readonly<Record<string, string>> = { x: '0x', X: '0X', o: '0', b: '0b' };

function formatInteger({ flags, precision, verb }: Directive, value: bigint): string | undefined {
  if (verb === 'c' || verb === 'q') {
    const character = value >= 0n && value <= 0x10ffffn ? String.fromCodePoint(Number(value)) : '\ufffd';
    return verb === 'c' ? character : goQuote(character, "'");
  }
  if (verb === 'U') return `U+${value.toString(16).toUpperCase().padStart(4, '0')}`;
  const base = bases[verb];
  if (base === undefined) return undefined;
  const digits = (value < 0n ? -value : value).toString(base).padStart(precision ?? 0, '0');
  const prefix = flags.includes('#') ? (prefixes[verb] ?? '') : '';
  return `${signOf(value < 0n, flags)}${prefix}${verb === 'X' ? digits.toUpperCase() : digits}`;
}

function formatFloat({ flags, precision, verb }: Directive, value: number): string | undefined {
  const size = Math.abs(value);
  const sign = signOf(value < 0, flags);
  switch (verb) {
    case 'v':
    case 'g':
      return `${sign}${precision === undefined ? plainText(size) : goExponent(String(Number(size.toPrecision(Math.min(precision || 1, 100)))))}`;
    case 'f':
    case 'F':
      return `${sign}${size.toFixed(Math.min(precision ?? 6, 100))}`;
    case 'e':
      return `${sign}${goExponent(size.toExponential(Math.min(precision ?? 6, 100)))}`;
    default:
      return undefined;
  }
}

function signOf(negative: boolean, flags: string): string {
  if (negative) return '-';
  if (flags.includes('+')) return '+';
  return flags.includes(' ') ? ' ' : '';
}

function pad(
  text: string,
  { flags, width, zeros }: { readonly flags: string; readonly width: number; readonly zeros: boolean },
): string {
  const missing = Math.max(0, width - Array.from(text).length);
  if (flags.includes('-')) return text + ' '.repeat(missing);
  if (!flags.includes('0') || !zeros) return ' '.repeat(missing) + text;
  const sign = /^[+-]/.test(text) ? text.slice(0, 1) : '';
  return sign + '0'.repeat(missing) + text.slice(sign.length);
}

function extra(values: readonly Value[]): string {
  if (values.length === 0) return '';
  const shown = values.map((value) =>
    value === undefined ? '<nil>' : `${typeName(value)}=${plainText(value)}`,
  );
  return `%!(EXTRA ${shown.join(', ')})`;
}

const named: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
};

/** `strconv.Quote`: what cannot be printed becomes an escape. */
function goQuote(text: string, quote = '"'): string {
  const inner = Array.from(text, (character) => {
    if (character === quote) return `\\${quote}`;
    const short = named[character];
    if (short !== undefined) return short;
    if (character === ' ' || /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(character)) return character;
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
    return code > 0xffff
      ? `\\U${code.toString(16).padStart(8, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
  return `${quote}${inner.join('')}${quote}`;
}
