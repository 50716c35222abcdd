import { runProgram } from './run-program.ts';

/** Runs the compose plugin of docker, or where there is none docker-compose, and returns its output. */
export async function runCompose(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const plugin = await runProgram('docker', ['compose', 'version']).then(
    () => true,
    () => false,
  );
  return plugin
    ? runProgram('docker', ['compose', ...args], { env })
    : runProgram('docker-compose', args, { env });
}
