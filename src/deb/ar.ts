import { invariant } from '../core/errors.ts';

export type ArMember = { readonly name: string; readonly content: Uint8Array };

/** Writes an `ar` archive in the common format (deb(5)): owner root, mode 0644, time 1970. */
export function archiveOf(members: readonly ArMember[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from('!<arch>\n')];
  for (const { name, content } of members) {
    parts.push(memberHeader(name, content.byteLength), content);
    if (content.byteLength % 2 === 1) parts.push(Buffer.from('\n'));
  }
  return Buffer.concat(parts);
}

/** name 16, time 12, owner 6, group 6, mode 8, size 10 characters, then the mark. */
function memberHeader(name: string, size: number): Buffer {
  const header = [
    name.padEnd(16),
    '0'.padEnd(12),
    '0'.padEnd(6),
    '0'.padEnd(6),
    '100644'.padEnd(8),
    String(size).padEnd(10),
    '`\n',
  ].join('');
  invariant(header.length === 60, `ar member ${name} of ${size} bytes fits its header`);
  return Buffer.from(header, 'latin1');
}
