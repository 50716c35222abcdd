import { spawn } from 'node:child_process';

/** The program of the system that opens a file with whatever shows its kind. */
export function viewerOf(platform: NodeJS.Platform): string {
  return platform === 'darwin' ? '/usr/bin/open' : 'xdg-open';
}

/**
 * Opens a file for the person at the screen and does not wait until it is closed.
 * @returns whether there is such a program
 */
export async function openViewer(
  program: string,
  path: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  const child = spawn(program, [path], { env, detached: true, stdio: 'ignore' });
  return await new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
