import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../../core/errors.ts';
import { fileError } from '../../core/files.ts';
import type { OpenFile, Place, View } from '../contract.ts';
import type { PublicationLayout } from './layout.ts';

/** What clients see, read where it really is: a publish meanwhile does not mix two generations. */
export async function viewOf({ link, prefix }: PublicationLayout, { distribution }: Place): Promise<View> {
  const identity = await identityOf(link);
  const directory = identity?.directory ?? link;
  const own = `dists/${distribution}/`;
  return {
    identity: identity?.text,
    open: (path) =>
      openFile(path.startsWith(own) ? join(directory, path.slice(own.length)) : join(prefix, path)),
  };
}

async function identityOf(
  link: string,
): Promise<{ readonly directory: string; readonly text: string } | undefined> {
  try {
    const { ino, dev, ctimeMs } = await stat(link);
    const directory = await realpath(link);
    return { directory, text: `${directory} ${dev} ${ino} ${ctimeMs}` };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw fileError(error, `cannot read ${link}`);
  }
}

async function openFile(path: string): Promise<OpenFile | undefined> {
  try {
    const { size } = await stat(path);
    return { size, read: () => createReadStream(path) };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw fileError(error, `cannot read ${path}`);
  }
}
