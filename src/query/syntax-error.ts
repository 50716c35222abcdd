import { EspejoError } from '../core/errors.ts';

const excerptLength = 40;

/** The E_QUERY_SYNTAX error at `offset` of a query; `context.column` counts characters from 1. */
export function querySyntaxError(
  text: string,
  offset: number,
  expected: string,
  found: string,
  hint?: string,
): EspejoError {
  const column = Array.from(text.slice(0, offset)).length + 1;
  const message = `package query, column ${column}: expected ${expected}, found ${found}, in: ${excerpt(text, offset)}`;
  return new EspejoError('E_QUERY_SYNTAX', message, {
    context: { column, expected, found },
    ...(hint === undefined ? {} : { hint }),
  });
}

function excerpt(text: string, offset: number): string {
  const from = Math.max(0, offset - excerptLength);
  const to = offset + excerptLength;
  return `${from > 0 ? '…' : ''}${text.slice(from, to)}${to < text.length ? '…' : ''}`;
}
