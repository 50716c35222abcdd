/** The words of a field value; none of a field that is not there. */
export function wordsOf(text = ''): readonly string[] {
  return text.split(/[ \t\n]+/).filter((word) => word !== '');
}
