import type { UpstreamArchive } from '../../builders/upstream-archive.ts';
import { startUpstream, type Upstream } from '../upstream.ts';

/** An archive on loopback for one scenario; both programs see it at the same URL. */
export type ArchivePlace = {
  /** Ends with a slash; empty when the scenario has no archive. */
  readonly url: string;
  /** Another archive takes the place of this one. */
  become(archive: UpstreamArchive): void;
  /** Takes the archive away; the server ends with the last one. */
  leave(): Promise<void>;
};

const nowhere: ArchivePlace = { url: '', become: () => undefined, leave: async () => undefined };

let server: Promise<Upstream> | undefined;
let users = 0;
let places = 0;

/** @param archive undefined: the scenario needs none */
export async function placeArchive(archive: UpstreamArchive | undefined): Promise<ArchivePlace> {
  if (archive === undefined) return nowhere;
  server ??= startUpstream();
  users += 1;
  places += 1;
  const prefix = `${places}/`;
  const { url, files } = await server;
  const clear = (): void => {
    for (const path of [...files.keys()]) if (path.startsWith(`/${prefix}`)) files.delete(path);
  };
  const become = (next: UpstreamArchive): void => {
    clear();
    for (const [path, bytes] of next) files.set(`/${prefix}${path}`, bytes);
  };
  become(archive);
  return { url: url + prefix, become, leave: () => leave(clear) };
}

async function leave(clear: () => void): Promise<void> {
  clear();
  users -= 1;
  if (users > 0) return;
  const ending = server;
  server = undefined;
  await (await ending)?.close();
}
