import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

export type GnupgHome = {
  readonly directory: string;
  /** The agent outlives the program that started it. */
  stopAgent(): void;
};

/** A GnuPG home below `root` with the key pair that espejo keeps in `keyDirectory`. */
export async function gnupgHomeWith(keyDirectory: string, root: string): Promise<GnupgHome> {
  const directory = join(root, 'gnupg');
  await mkdir(directory, { mode: 0o700, recursive: true });
  gnupg(directory, 'gpg', '--batch', '--quiet', '--import', join(keyDirectory, 'espejo.sec.asc'));
  return { directory, stopAgent: () => gnupg(directory, 'gpgconf', '--kill', 'all') };
}

function gnupg(home: string, program: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, {
    env: { ...process.env, GNUPGHOME: home },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: exit ${status}\n${stderr}`);
}
