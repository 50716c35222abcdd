import { EspejoError } from '../../core/errors.ts';

/** @param position index into the text, for line and column, which count from 1 */
export function templateError(text: string, position: number, problem: string): EspejoError {
  const before = text.slice(0, position);
  const line = before.split('\n').length;
  const column = Array.from(before.slice(before.lastIndexOf('\n') + 1)).length + 1;
  const place = text.includes('\n') ? `line ${line}, column ${column}` : `column ${column}`;
  return new EspejoError('E_TEMPLATE_SYNTAX', `template: ${place}: ${problem}`, {
    context: { line, column },
  });
}
