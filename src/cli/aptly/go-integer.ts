/**
 * An integer as Go's flags read it (`strconv.ParseInt` with base 0): decimal, `0x`, `0o` or a plain `0` for octal, `0b`,
 * a sign, and underscores between digits and after a base.
 * @returns undefined when it is none, or none of 64 bits
 */
export function parseGoInteger(text: string): bigint | undefined {
  const negative = text.startsWith('-');
  const digits = negative || text.startsWith('+') ? text.slice(1) : text;
  const form = forms.find(({ shape }) => shape.test(digits));
  if (form === undefined) return undefined;
  const size = BigInt(form.prefix + digits.slice(form.skip).replaceAll('_', ''));
  const value = negative ? -size : size;
  return value === BigInt.asIntN(64, value) ? value : undefined;
}

const forms = [
  { shape: /^0[xX](_?[0-9a-fA-F])+$/, prefix: '0x', skip: 2 },
  { shape: /^0[oO](_?[0-7])+$/, prefix: '0o', skip: 2 },
  { shape: /^0[bB](_?[01])+$/, prefix: '0b', skip: 2 },
  { shape: /^0(_?[0-7])+$/, prefix: '0o', skip: 1 },
  { shape: /^[1-9](_?\d)*$|^0$/, prefix: '', skip: 0 },
] as const;
