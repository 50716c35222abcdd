import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { findAptly } from './aptly.ts';
import { espejoProgram, mirrored, openWorkbench, type Program, type Workbench } from './libraries.ts';
import { type BenchLibrary, makeLibrary } from './make-library.ts';
import { type Cost, timeProgram } from './measure.ts';
import { addressOf } from './serve.ts';
import { renderTable, type Samples } from './table.ts';

/** Rounds end when either is reached; each runs every command once with every program. */
const maxRounds = 3;
const budgetMs = 180_000;

const cache = resolve(import.meta.dirname, '../../.cache/bench');

type Step = {
  /** What is measured; undefined for steps that only prepare. */
  readonly title?: string;
  readonly words: (library: BenchLibrary) => readonly string[];
};

const steps: readonly Step[] = [
  {
    title: 'package search, a query over all',
    words: () => ['package', 'search', 'Name (~ ^lib.*-dev), $Version (>= 3)'],
  },
  { title: 'package search, a name', words: () => ['package', 'search', 'libgokatro29392-doc (>= 0)'] },
  { title: 'snapshot create', words: () => ['snapshot', 'create', 'main', 'from', 'mirror', 'main'] },
  { words: () => ['snapshot', 'create', 'updates', 'from', 'mirror', 'updates'] },
  { title: 'snapshot merge', words: () => ['snapshot', 'merge', '-latest', 'merged', 'main', 'updates'] },
  { title: 'snapshot diff', words: () => ['snapshot', 'diff', 'main', 'merged'] },
  {
    title: 'snapshot pull with dependencies',
    words: () => ['snapshot', 'pull', 'main', 'updates', 'pulled', 'Priority (extra)'],
  },
  { words: () => ['repo', 'create', 'local'] },
  { title: 'repo add of 1,000 files', words: ({ incoming }) => ['repo', 'add', 'local', incoming] },
  {
    title: 'publish snapshot -skip-contents',
    words: () => ['publish', 'snapshot', '-batch', '-skip-contents', '-distribution=plain', 'main'],
  },
  {
    title: 'publish snapshot',
    words: () => ['publish', 'snapshot', '-batch', '-distribution=full', 'merged', 'contents'],
  },
  {
    title: 'publish switch',
    words: () => ['publish', 'switch', '-batch', '-skip-contents', 'plain', 'merged'],
  },
];

async function race(aptlyPath: string): Promise<void> {
  console.error('making the library (about two minutes when it is not in .cache/bench)');
  const library = await makeLibrary(cache);
  const programs: readonly Program[] = [espejoProgram, { name: 'aptly', path: aptlyPath }];
  const server = fork(join(import.meta.dirname, 'serve-upstream.ts'), [library.archive]);
  const prepared = new Map<Program, string>();
  try {
    const url = await addressOf(server);
    for (const program of programs) prepared.set(program, await mirrored(program, library, url));
  } finally {
    server.disconnect();
  }
  const samples = await rounds(programs, library, prepared);
  const { packages, updated, added } = library;
  const runs = samples[0]?.costs['espejo']?.length;
  console.log(`${packages} packages, ${updated} updates, ${added} files to add; medians of ${runs} runs\n`);
  console.log(renderTable(samples, ['espejo', 'aptly']));
}

/** The programs take turns step by step, so that a slow moment of the machine hits both. */
async function rounds(
  programs: readonly Program[],
  library: BenchLibrary,
  prepared: ReadonlyMap<Program, string>,
): Promise<readonly Samples[]> {
  const deadline = performance.now() + budgetMs;
  const costs = new Map<Step, Record<string, Cost[]>>(steps.map((step) => [step, {}]));
  for (let round = 0; round < maxRounds && performance.now() < deadline; round += 1) {
    console.error(`round ${round + 1}`);
    const order = round % 2 === 0 ? programs : programs.toReversed();
    const benches = await Promise.all(
      order.map((program) => openWorkbench(program, library, prepared.get(program) ?? '')),
    );
    for (const [step, samples] of costs) {
      const outputs: string[] = [];
      for (const bench of benches) {
        const { output, ...cost } = await bench.run(...step.words(library));
        outputs.push(comparable(output));
        samples[bench.name] = [...(samples[bench.name] ?? []), cost];
      }
      if (step.title?.match(/search|diff/)) assertEqual(step.title, outputs);
    }
    await assertSameTrees(benches);
    for (const bench of benches) await bench.remove();
  }
  return [...costs].flatMap(([{ title }, samples]) =>
    title === undefined ? [] : [{ step: title, costs: samples }],
  );
}

/** Lists in one order; a program may write what it finds as it finds it. */
function comparable(output: string): string {
  return output.split('\n').sort().join('\n');
}

/** Programs that found or published different things have run different races. */
async function assertSameTrees(benches: readonly Workbench[]): Promise<void> {
  for (const path of [
    'dists/plain/main/binary-amd64/Packages.gz',
    'contents/dists/full/main/binary-amd64/Packages.gz',
    'contents/dists/full/Contents-amd64.gz',
  ]) {
    const digests = benches.map(async ({ publicDirectory }) =>
      createHash('sha256')
        .update(gunzipSync(await readFile(join(publicDirectory, path))))
        .digest('hex'),
    );
    assertEqual(path, await Promise.all(digests));
  }
}

function assertEqual(what: string, [first, ...others]: readonly string[]): void {
  if (others.some((other) => other !== first)) throw new Error(`${what}: the programs disagree`);
}

const aptlyPath = findAptly();
if (!existsSync(timeProgram)) console.log(`skipped: ${timeProgram} (GNU time) is not on this machine`);
else if (aptlyPath === undefined)
  console.log('skipped: neither ESPEJO_APTLY, PATH nor .cache/aptly has aptly');
else await race(aptlyPath);
