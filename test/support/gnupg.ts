import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';
import type { PrivateKey } from 'openpgp';
import { temporaryDirectory } from './temporary-directory.ts';

export type GnupgHome = {
  /** `GNUPGHOME`, of mode 0700. */
  readonly directory: string;
  /** For programs that shall see nothing but this home. */
  readonly env: Readonly<Record<string, string | undefined>>;
};

/** A home of GnuPG of one of its families with secret keys in it, without a passphrase agent left behind. */
export function gnupgHome(program: string, keys: readonly PrivateKey[]): GnupgHome {
  const home = temporaryDirectory('gnupg');
  const directory = join(home, '.gnupg');
  mkdirSync(directory, { mode: 0o700 });
  const env = { PATH: process.env['PATH'], HOME: home, GNUPGHOME: directory, LC_ALL: 'C' };
  for (const key of keys) {
    const { status, stderr } = spawnSync(program, ['--batch', '--import'], { env, input: key.armor() });
    if (status !== 0) throw new Error(`${program} --import: ${stderr}`);
  }
  after(() => void spawnSync('gpgconf', ['--kill', 'all'], { env }));
  return { directory, env };
}

export type SignedFiles = {
  readonly content: Buffer;
  readonly clearsigned: Buffer;
  readonly detached: Buffer;
  /** Binary public keys. */
  readonly keyring: Uint8Array;
};

/** Whether a gpgv accepts both forms of a signed text, with what it says. */
export function gpgvVerdict(
  program: string,
  files: SignedFiles,
): { readonly good: boolean; readonly text: string } {
  const directory = temporaryDirectory('gpgv');
  const put = (name: string, bytes: Uint8Array): string => {
    const path = join(directory, name);
    writeFileSync(path, bytes);
    return path;
  };
  const keyring = put('keys.gpg', files.keyring);
  const content = put('Release', files.content);
  const clearsigned = put('InRelease', files.clearsigned);
  const detached = put('Release.gpg', files.detached);
  const runs = [[clearsigned], [detached, content]].map((paths) =>
    spawnSync(program, ['--status-fd', '1', '--homedir', directory, '--keyring', keyring, ...paths], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    }),
  );
  return {
    good: runs.every(({ status, stdout }) => status === 0 && stdout.includes('[GNUPG:] GOODSIG')),
    text: runs.map(({ stdout, stderr }) => stdout + stderr).join(''),
  };
}
