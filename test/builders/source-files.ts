import { digestsOf } from '../../src/core/digest.ts';

/** The three digest lists over files; `columns` stand between the size and the name in `Files`. */
export function digestLists(files: Readonly<Record<string, string>>, columns = ''): string {
  const list = (digest: 'md5' | 'sha1' | 'sha256', between: string): string =>
    Object.entries(files)
      .map(([name, content]) => {
        const { size, digests } = digestsOf(Buffer.from(content));
        return ` ${digests[digest]} ${size} ${between}${name}\n`;
      })
      .join('');
  return `Checksums-Sha1:\n${list('sha1', '')}Checksums-Sha256:\n${list('sha256', '')}Files:\n${list('md5', columns)}`;
}

/** A text in the armour of a signature that nobody made. */
export function armoured(text: string): string {
  const escaped = text.replace(/^-/gm, '- -');
  const signature = '-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n';
  return `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${escaped}${signature}`;
}
