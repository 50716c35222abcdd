/**
 * The commands in a list of words: a word that ends in a comma ends a command (spec/cli.md 13), as does a lone comma.
 * @returns none of them empty
 */
export function commandList(words: readonly string[]): readonly (readonly string[])[] {
  const commands: string[][] = [[]];
  for (const word of words) {
    const bare = word.replace(/,+$/, '');
    if (bare !== '' || word === '') commands.at(-1)?.push(bare);
    if (bare !== word) commands.push([]);
  }
  return commands.filter((command) => command.length > 0);
}
