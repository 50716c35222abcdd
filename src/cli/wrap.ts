/**
 * A line as lines of at most `width` characters; what follows the first is indented to the column that its text begins in,
 * after two blanks (`  -flag=VALUE   text`). Words longer than a line stay whole.
 */
export function wrapped(line: string, width: number): readonly string[] {
  if (line.length <= width) return [line];
  const column = /^(\s*\S.*?\s{2,})\S/.exec(line)?.[1]?.length ?? /^\s*/.exec(line)?.[0].length ?? 0;
  const indent = ' '.repeat(column < width / 2 ? column : 4);
  const lines: string[] = [];
  let current = '';
  for (const word of line.slice(column).split(' ')) {
    const head = lines.length === 0 ? line.slice(0, column) : indent;
    if (current !== '' && head.length + current.length + 1 + word.length > width) {
      lines.push(head + current);
      current = word;
    } else current = current === '' ? word : `${current} ${word}`;
  }
  return [...lines, (lines.length === 0 ? line.slice(0, column) : indent) + current];
}
