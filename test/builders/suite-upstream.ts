import type { TestContext } from 'node:test';
import { buildArchive } from '../../src/demo/archive.ts';
import { demoArchive } from '../../src/demo/demo-archive.ts';
import { testUpstream } from '../support/fetching.ts';
import { type SigningKey, signingKey } from '../support/signing-keys.ts';
import type { Upstream } from '../support/upstream.ts';

export type SuiteUpstream = {
  readonly upstream: Upstream;
  readonly key: SigningKey;
  /** The content of a file below `dists/xenial/`. */
  read(name: string): Buffer;
  /** Serves another content at a path of the archive, or nothing. */
  write(path: string, bytes: Buffer | string | undefined): void;
  /** Serves the Release file of xenial, changed by `edit` and signed anew, below `directory`. */
  release(directory: string, edit?: (text: string) => string): Promise<void>;
};

/** The date of the archive. */
export const archiveDate = new Date('2016-04-21T23:23:46Z');

/** The demo archive on loopback; its suites can be replaced and spoilt. */
export async function suiteUpstream(context: TestContext): Promise<SuiteUpstream> {
  const upstream = await testUpstream(context);
  const key = await signingKey('archive');
  for (const [path, bytes] of await buildArchive(demoArchive(archiveDate, 0), key.signer))
    upstream.files.set(`/${path}`, bytes);
  const read = (name: string): Buffer => upstream.files.get(`/dists/xenial/${name}`) as Buffer;
  const write: SuiteUpstream['write'] = (path, bytes) => {
    if (bytes === undefined) upstream.files.delete(`/${path}`);
    else upstream.files.set(`/${path}`, Buffer.from(bytes));
  };
  return {
    upstream,
    key,
    read,
    write,
    async release(directory, edit = (text) => text) {
      const text = Buffer.from(edit(read('Release').toString('utf8')));
      write(`${directory}/Release`, text);
      write(`${directory}/Release.gpg`, await key.signer.detachSign(text, archiveDate));
      write(`${directory}/InRelease`, await key.signer.clearsign(text, archiveDate));
    },
  };
}
