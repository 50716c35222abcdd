import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The real aptly with a root directory of its own. */
export type Aptly = {
  /** Standard output of a command that must succeed. */
  run(...args: readonly string[]): string;
};

/** Where the real aptly is: `ESPEJO_APTLY`, the checkout's `.cache`, or PATH; undefined when it is nowhere. */
export function findAptly(): string | undefined {
  const { ESPEJO_APTLY: given } = process.env;
  const cached = join(import.meta.dirname, '../../.cache/aptly/usr/bin/aptly');
  const candidates = given === undefined || given === '' ? [cached, 'aptly'] : [given];
  return candidates.find((program) => spawnSync(program, ['version'], { stdio: 'ignore' }).status === 0);
}

/** @param directory becomes its home; signing is off */
export function startAptly(program: string, directory: string): Aptly {
  mkdirSync(directory, { recursive: true });
  const config = join(directory, 'aptly.conf');
  writeFileSync(
    config,
    JSON.stringify({ rootDir: join(directory, 'root'), gpgDisableSign: true, gpgProvider: 'internal' }),
  );
  return {
    run: (...args) => {
      const { status, stdout, stderr } = spawnSync(program, [`-config=${config}`, ...args], {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], HOME: directory },
      });
      if (status !== 0) throw new Error(`aptly ${args.join(' ')}: ${stdout}${stderr}`);
      return stdout;
    },
  };
}
