import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';

/** What the kernel counted for one process and its children (wait4, as GNU time reports it). */
export type Cost = {
  readonly wallSeconds: number;
  /** User and system. */
  readonly cpuSeconds: number;
  /** Highest resident set of any one of the processes. */
  readonly peakBytes: number;
};

export const timeProgram = '/usr/bin/time';

/**
 * Runs a program to its end under GNU time.
 * @param scratch a file for the figures
 * @throws when it fails, with what it said
 */
export async function measure(
  program: string,
  args: readonly string[],
  { scratch, env }: { readonly scratch: string; readonly env?: Readonly<Record<string, string>> },
): Promise<Cost & { readonly output: string }> {
  const started = performance.now();
  const child = spawn(timeProgram, ['-f', '%U %S %M', '-o', scratch, program, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const wallSeconds = (performance.now() - started) / 1000;
  const output = Buffer.concat(chunks).toString();
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: exit ${status}\n${output}`);
  const figures = (await readFile(scratch, 'utf8')).trim().split(' ').map(Number);
  await rm(scratch, { force: true });
  const [user = Number.NaN, system = Number.NaN, peakKib = Number.NaN] = figures;
  return { wallSeconds, cpuSeconds: user + system, peakBytes: peakKib * 1024, output };
}

/** The cost of steps that one program does one after another. */
export function sum(costs: readonly Cost[]): Cost {
  return {
    wallSeconds: costs.reduce((total, one) => total + one.wallSeconds, 0),
    cpuSeconds: costs.reduce((total, one) => total + one.cpuSeconds, 0),
    peakBytes: Math.max(...costs.map((one) => one.peakBytes)),
  };
}

/** Each figure's own median. */
export function median(costs: readonly Cost[]): Cost {
  return {
    wallSeconds: middle(costs.map((one) => one.wallSeconds)),
    cpuSeconds: middle(costs.map((one) => one.cpuSeconds)),
    peakBytes: middle(costs.map((one) => one.peakBytes)),
  };
}

function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? upper)) / 2;
}
