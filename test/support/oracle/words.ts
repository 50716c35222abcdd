/** The words of a line as a shell splits it: blanks, single and double quotes; nothing is expanded. */
export function splitWords(line: string): readonly string[] {
  const words: string[] = [];
  for (const [, quoted] of line.matchAll(/((?:'[^']*'|"[^"]*"|[^\s'"])+)/g)) {
    words.push((quoted ?? '').replaceAll(/'([^']*)'|"([^"]*)"/g, (_, single, double) => single ?? double));
  }
  return words;
}
