import { spawnSync } from 'node:child_process';

/** The reason to skip a test that needs a program of the machine, or false when the program answers. */
export function skipWithout(program: string, ...probe: readonly string[]): string | false {
  const { status } = spawnSync(program, probe, { stdio: 'ignore' });
  return status === 0 ? false : `${program} is not on this machine`;
}
