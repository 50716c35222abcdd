import { forgiveClosedPipes } from './closed-pipes.ts';
import { reportError, runCommandLine } from './run-command-line.ts';
import { rootCommand } from './table.ts';

const io = { stdout: process.stdout, stderr: process.stderr, env: process.env, cwd: process.cwd() };
const words = process.argv.slice(2);

forgiveClosedPipes(process.stdout, (error) => fail(error));
forgiveClosedPipes(process.stderr, () => process.exit(1));
process.on('uncaughtException', fail);
process.exitCode = await runCommandLine(rootCommand, words, io);

/** A fault outside of any command's promise: told like every other one, and the end. */
function fail(error: unknown): never {
  process.exit(reportError(error, io, { words, json: false }));
}
