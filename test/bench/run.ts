import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { aptly, findAptly } from './aptly.ts';
import { type Contender, filesOf, type Task } from './contender.ts';
import { espejo, startUp } from './espejo.ts';
import { type BenchUpstream, makeUpstream } from './make-upstream.ts';
import { type Cost, median, timeProgram } from './measure.ts';
import { addressOf } from './serve.ts';
import { renderTable, type Samples } from './table.ts';

/** Rounds end when either is reached; each runs every program once. */
const maxRounds = 7;
const budgetMs = 120_000;
const startUpRuns = 15;

const cache = resolve(import.meta.dirname, '../../.cache/bench');

async function race(): Promise<void> {
  console.error('making the upstream (about a minute when it is not in .cache/bench)');
  const upstream = await makeUpstream(cache);
  const program = findAptly();
  if (program === undefined)
    console.log('aptly is left out: neither ESPEJO_APTLY, PATH nor .cache/aptly has it');
  const contenders = program === undefined ? [espejo] : [espejo, aptly(program)];
  const server = fork(join(import.meta.dirname, 'serve-upstream.ts'), [upstream.directory]);
  try {
    const url = await addressOf(server);
    const samples = await rounds(contenders, { upstream, url });
    const { stanzas, plainBytes, requested, files } = upstream;
    console.log(
      `${stanzas} stanzas, ${plainBytes} bytes; ${requested.length} requested, ${Object.keys(files).length} files; medians of ${samples[0]?.costs['espejo']?.length} runs\n`,
    );
    console.log(renderTable(samples, ['espejo', 'aptly']));
    console.log(`\n\`espejo version\`: ${Math.round((await startUpMedian()).wallSeconds * 1000)} ms`);
  } finally {
    server.disconnect();
  }
}

const steps = [
  { step: 'cold sync', run: (one: Contender, task: Task) => one.coldSync(task) },
  { step: 'unchanged sync', run: (one: Contender, task: Task) => one.unchangedSync(task) },
  { step: 'publish', run: (one: Contender, task: Task) => one.publish(task) },
] as const;

/** The programs take turns step by step, so that a slow moment of the machine hits all of them. */
async function rounds(
  contenders: readonly Contender[],
  place: Pick<Task, 'upstream' | 'url'>,
): Promise<readonly Samples[]> {
  const deadline = performance.now() + budgetMs;
  const samples = steps.map(({ step }) => ({ step, costs: {} as Record<string, Cost[]> }));
  for (let round = 0; round < maxRounds && performance.now() < deadline; round += 1) {
    console.error(`round ${round + 1}`);
    const order = round % 2 === 0 ? contenders : contenders.toReversed();
    const entries = await Promise.all(order.map(async (one) => ({ one, task: await freshTask(one, place) })));
    for (const [position, { run }] of steps.entries()) {
      for (const { one, task } of entries) {
        const costs = samples[position]?.costs ?? {};
        costs[one.name] = [...(costs[one.name] ?? []), await run(one, task)];
      }
    }
    for (const { one, task } of entries) {
      await assertSelection(one, task);
      await rm(task.root, { recursive: true, force: true });
    }
  }
  return samples;
}

async function freshTask(one: Contender, place: Pick<Task, 'upstream' | 'url'>): Promise<Task> {
  const task = { ...place, root: await mkdtemp(join(tmpdir(), `espejo-bench-${one.name}-`)) };
  await one.prepare(task);
  return task;
}

/** A program that fetched other files than these has run another race. */
async function assertSelection(one: Contender, task: Task): Promise<void> {
  const found = await filesOf(one.poolOf(task));
  if (isDeepStrictEqual(sorted(found), sorted(task.upstream.files))) return;
  throw new Error(`${one.name} has other files than expected: ${Object.keys(found).sort().join(' ')}`);
}

function sorted(files: BenchUpstream['files']): readonly (readonly [string, string])[] {
  return Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
}

async function startUpMedian(): Promise<Cost> {
  const root = await mkdtemp(join(tmpdir(), 'espejo-bench-'));
  try {
    const costs: Cost[] = [];
    for (let run = 0; run < startUpRuns; run += 1) costs.push(await startUp(root));
    return median(costs);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

if (existsSync(timeProgram)) await race();
else console.log(`skipped: ${timeProgram} (GNU time) is not on this machine`);
