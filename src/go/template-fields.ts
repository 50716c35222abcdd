import { Stanza } from '../deb/control.ts';
import { fieldText } from '../deb/field-text.ts';
import { canonicalName } from '../deb/render-index.ts';

/**
 * What a `-format` template sees of a package (spec/cli.md 1.8): its fields, and its key in three parts. As in aptly the text
 * of a field of several lines starts behind the colon and ends with a newline.
 * @param shown the control paragraph as `package show` prints it
 * @param key `P<arch> <name> <version> <files hash>`
 * @param sums lines of installer images; aptly has them in a field without name
 * @throws E_CONTROL_SYNTAX
 */
export function templateFields(
  shown: Uint8Array,
  key: string,
  sums?: readonly string[],
): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const { name, value } of Stanza.kept(shown, key).fields) {
    fields.set(name, fieldText(name, value));
  }
  if (sums !== undefined) fields.set('', sums.join('\n'));
  const hashAt = key.lastIndexOf(' ');
  return fields
    .set('Key', key)
    .set('ShortKey', key.slice(0, hashAt))
    .set('FilesHash', key.slice(hashAt + 1));
}

/**
 * What the `-repo` template of `repo include` and the conditions of uploaders see of a .changes file: its fields by
 * aptly's spelling of their names. Fields of several lines are as in the file, each line ended by a newline.
 * @throws E_CONTROL_SYNTAX
 */
export function changesFields(changes: Stanza): ReadonlyMap<string, string> {
  return new Map(changes.fields.map(({ name, value }) => [canonicalName(name), fieldText(name, value)]));
}
