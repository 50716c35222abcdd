import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const unpacked = fileURLToPath(new URL('../../.cache/aptly/usr/bin/aptly', import.meta.url));

/** The real aptly: `ESPEJO_APTLY`, that on the PATH, or one unpacked below `.cache`; undefined when there is none. */
export const aptlyProgram: string | undefined = [process.env['ESPEJO_APTLY'], 'aptly', unpacked].find(
  (program) => Boolean(program) && spawnSync(program ?? '', ['version']).status === 0,
);

/** The reason to skip a test of the real aptly, or false. */
export const skipWithoutAptly: string | false =
  aptlyProgram === undefined ? 'aptly is not on this machine (PATH, ESPEJO_APTLY, .cache/aptly)' : false;

export type AptlyRoot = {
  readonly directory: string;
  /** `<rootDir>/db` */
  readonly database: string;
  /** Runs a command without network but loopback and without anybody's keys; gives its output. */
  run(...words: readonly string[]): Promise<string>;
  /** Starts a command that goes on. */
  start(...words: readonly string[]): ChildProcess;
  remove(): Promise<void>;
};

/** A root directory of the real aptly with a home of its own. */
export async function makeAptlyRoot(): Promise<AptlyRoot> {
  const directory = await mkdtemp(join(tmpdir(), 'espejo-real-aptly-'));
  const config = join(directory, 'aptly.conf');
  await writeFile(
    config,
    JSON.stringify({ rootDir: directory, gpgProvider: 'internal', downloadConcurrency: 2 }),
  );
  const home = join(directory, 'home');
  await mkdir(home);
  const env = { PATH: process.env['PATH'], HOME: home, TZ: 'UTC' };
  return {
    directory,
    database: join(directory, 'db'),
    async run(...words) {
      const { stdout } = await promisify(execFile)(aptlyProgram ?? 'aptly', [`-config=${config}`, ...words], {
        cwd: directory,
        env,
        maxBuffer: 1 << 26,
      });
      return stdout;
    },
    start: (...words) =>
      spawn(aptlyProgram ?? 'aptly', [`-config=${config}`, ...words], {
        cwd: directory,
        env,
        stdio: 'ignore',
      }),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
