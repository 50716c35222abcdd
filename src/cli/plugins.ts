import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * The program that stands for an unknown command word, as in aptly (spec/cli.md 1.3): `espejo-foo` for `espejo foo`,
 * `espejo-mirror-foo` for `espejo mirror foo`, the first that PATH has.
 */
export function findPlugin(
  path: readonly { readonly name: string }[],
  word: string,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (word.includes('/') || word.includes('\0')) return undefined;
  const name = [...path.map((node) => node.name), word].join('-');
  const directories = (env['PATH'] ?? '').split(delimiter).filter((directory) => directory !== '');
  return directories.map((directory) => join(directory, name)).find(isProgram);
}

/** Runs a plugin with the streams of this process; resolves to its exit status, 1 for any failure. */
export async function runPlugin(program: string, args: readonly string[]): Promise<number> {
  return await new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'inherit' });
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code === 0 ? 0 : 1));
  });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
