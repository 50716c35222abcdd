import { notAPackage } from './package-format.ts';

/** What a control file says, whoever signed it. */
export type StrippedText = {
  /** Whether the file is clearsigned; nobody checked by whom. */
  readonly signed: boolean;
  readonly content: Buffer;
};

/**
 * Takes the OpenPGP armour (RFC 4880, 7) off a control file WITHOUT verification; a file that has none comes back as
 * it is. Text before or after the signed part is refused: readers differ in whether it counts.
 * @throws E_DEB_FORMAT
 */
export function stripArmour(document: Buffer, what: string): StrippedText {
  const text = document.toString('latin1');
  if (!text.includes(messageLine)) return { signed: false, content: document };
  const lines = text.split('\n').map((line) => line.trimEnd());
  while (lines.at(-1) === '') lines.pop();
  const blank = lines.indexOf('');
  const signature = lines.indexOf(signatureLine, blank);
  const isSole = lines.lastIndexOf(messageLine) === 0 && lines.indexOf(endLine) === lines.length - 1;
  if (!isSole || blank < 0 || signature < 0) throw notAPackage(what, 'its OpenPGP armour is malformed');
  const content = lines.slice(blank + 1, signature).map((line) => unescaped(line, what));
  return { signed: true, content: Buffer.from(`${content.join('\n')}\n`, 'latin1') };
}

const messageLine = '-----BEGIN PGP SIGNED MESSAGE-----';
const signatureLine = '-----BEGIN PGP SIGNATURE-----';
const endLine = '-----END PGP SIGNATURE-----';

/** A line that begins with a dash is written after "- ". */
function unescaped(line: string, what: string): string {
  if (!line.startsWith('-')) return line;
  if (line === '-') return '';
  if (!line.startsWith('- ')) throw notAPackage(what, 'a signed line begins with an unescaped dash');
  return line.slice(2);
}
