import { isBlank } from '../../core/blanks.ts';
import { EspejoError } from '../../core/errors.ts';

/**
 * The words of a line as a shell splits it: blanks separate; single quotes keep everything, double quotes all but `\`
 * before `"`, `\`, `$` and a backtick; a backslash elsewhere keeps the next character. Nothing is expanded.
 * @throws E_BAD_VALUE for a quote without an end
 */
export function splitWords(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < line.length; ) {
    const character = line.charAt(at);
    if (isBlank(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      at += 1;
      continue;
    }
    const part = partAt(line, at);
    word = (word ?? '') + part.text;
    at = part.end;
  }
  return word === undefined ? words : [...words, word];
}

type Part = { readonly text: string; readonly end: number };

function partAt(line: string, at: number): Part {
  switch (line.charAt(at)) {
    case "'":
      return singleQuoted(line, at + 1);
    case '"':
      return doubleQuoted(line, at + 1);
    case '\\':
      return { text: line.charAt(at + 1), end: at + 2 };
    default:
      return { text: line.charAt(at), end: at + 1 };
  }
}

function singleQuoted(line: string, start: number): Part {
  const end = line.indexOf("'", start);
  if (end === -1) throw withoutEnd("'", line);
  return { text: line.slice(start, end), end: end + 1 };
}

function doubleQuoted(line: string, start: number): Part {
  let text = '';
  for (let at = start; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (character === '"') return { text, end: at + 1 };
    const isEscape = character === '\\' && /["\\$`]/.test(line.charAt(at + 1));
    if (isEscape) at += 1;
    text += line.charAt(at);
  }
  throw withoutEnd('"', line);
}

function withoutEnd(quote: string, line: string): EspejoError {
  return new EspejoError('E_BAD_VALUE', `a quote ${quote} has no end: ${line}`);
}
