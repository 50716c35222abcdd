/**
 * Runs all tests but those in containers, and with `--checks` lint, types, layers and unused code beside them.
 * Starting a process for each of 300 test files takes longer than their tests, so a group of folders shares one process:
 * a test leaves working directory, environment and globals as it found them. Other arguments go to `node --test`.
 * Exit status 0: all passed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';

type Job = { readonly title: string; readonly command: readonly string[]; readonly isTests: boolean };

type Running = { readonly job: Job; readonly child: ChildProcess; readonly output: Buffer[] };

type Ended = {
  readonly job: Job;
  readonly isGood: boolean;
  readonly output: string;
  readonly seconds: number;
};

const root = join(import.meta.dirname, '..');

/** What one process runs, below `test`. Those that take longest come first: none is left alone at the end. */
const groups: Readonly<Record<string, readonly string[]>> = {
  'compat a-n': ['compat/[a-n]*'],
  'compat o-z': ['compat/[o-z]*'],
  cli: ['cli/**/*'],
  feature: ['feature/**/*'],
  'unit, property, contract, http': ['{unit,property,contract,http}/**/*'],
  hostile: ['hostile/**/*'],
};
const elsewhere = 'container/**/*';

/** One more than the two cores that are counted on: some tests wait. */
const lanes = 3;

const counted = ['tests', 'pass', 'fail', 'cancelled', 'skipped', 'todo'] as const;

const environment = {
  ...process.env,
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? join(root, '.cache/espejo/compiled'),
};

const running = new Set<Running>();

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  assertAllGrouped();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop(signal));
  const waiting = [
    ...testJobs(args.filter((arg) => arg !== '--checks')),
    ...(args.includes('--checks') ? checkJobs() : []),
  ];
  const ended: Ended[] = [];
  const lane = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      const end = await run(job);
      ended.push(end);
      if (end.isGood) print(end);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));

  const failed = ended.filter(({ isGood }) => !isGood);
  for (const end of failed) print(end);
  say(totals(ended));
  if (failed.length > 0) say(`FAILED: ${failed.map(({ job }) => job.title).join(', ')}\n`);
  return failed.length > 0 ? 1 : 0;
}

/** @throws Error for a test file that no group or more than one would run */
function assertAllGrouped(): void {
  const grouped = [...Object.values(groups).flat(), elsewhere].flatMap(testFiles);
  const wrong = testFiles('**/*').filter((file) => grouped.filter((one) => one === file).length !== 1);
  if (wrong.length > 0) throw new Error(`not in one group of test/run.ts: ${wrong.join(', ')}`);
}

function testFiles(pattern: string): readonly string[] {
  return globSync(`test/${pattern}.test.ts`, { cwd: root }).sort();
}

function testJobs(args: readonly string[]): readonly Job[] {
  const command = [process.execPath, '--test', '--test-isolation=none', '--test-reporter=spec', ...args];
  return Object.entries(groups).map(([title, patterns]) => ({
    title,
    isTests: true,
    command: [...command, ...patterns.flatMap(testFiles)],
  }));
}

function checkJobs(): readonly Job[] {
  return ['types', 'lint', 'layers', 'unused'].map((title) => ({
    title,
    isTests: false,
    command: ['npm', 'run', '--silent', title],
  }));
}

async function run(job: Job): Promise<Ended> {
  const begun = Date.now();
  const [program = '', ...args] = job.command;
  const child = spawn(program, args, { cwd: root, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const one: Running = { job, child, output: [] };
  running.add(one);
  say(`... ${job.title}\n`);
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => one.output.push(bytes));
  const status = await new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'no status'));
  });
  running.delete(one);
  const output = String(Buffer.concat(one.output));
  // Tests that were not counted were not run to their end.
  const isWhole = !job.isTests || counts(output).tests > 0;
  return { job, output, isGood: status === 0 && isWhole, seconds: (Date.now() - begun) / 1000 };
}

/** What the groups that did not end had to say, which may be why they did not. */
function stop(signal: NodeJS.Signals): void {
  for (const { job, child, output } of running) {
    child.kill(signal);
    say(`\n=== ${job.title}: stopped\n${String(Buffer.concat(output))}\n`);
  }
  say(`stopped by ${signal}\n`);
  process.exit(1);
}

function print({ job, isGood, output, seconds }: Ended): void {
  const verdict = isGood ? 'passed' : 'FAILED';
  say(`\n=== ${job.title}: ${verdict} in ${Math.round(seconds)} seconds\n${output}`);
}

function totals(ended: readonly Ended[]): string {
  const all = ended.filter(({ job }) => job.isTests).map(({ output }) => counts(output));
  const sums = counted.map((what) => `${what} ${all.reduce((sum, one) => sum + one[what], 0)}`);
  return `\n=== all groups: ${sums.join(', ')}\n`;
}

/** The last lines that the reporter writes. */
function counts(output: string): Readonly<Record<(typeof counted)[number], number>> {
  const end = output.slice(output.lastIndexOf('\nℹ tests '));
  const count = (what: string): number => Number(new RegExp(`^ℹ ${what} (\\d+)$`, 'm').exec(end)?.[1] ?? 0);
  return {
    tests: count('tests'),
    pass: count('pass'),
    fail: count('fail'),
    cancelled: count('cancelled'),
    skipped: count('skipped'),
    todo: count('todo'),
  };
}

function say(text: string): void {
  process.stdout.write(text);
}
