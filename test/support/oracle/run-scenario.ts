import assert from 'node:assert/strict';
import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { UpstreamArchive } from '../../builders/upstream-archive.ts';
import { quickDirectory, temporaryDirectory } from '../temporary-directory.ts';
import { type Answer, answerOf, type Surroundings, usageOf } from './answer.ts';
import { aptView } from './apt-view.ts';
import { type ArchivePlace, placeArchive } from './archive-server.ts';
import type { PublishedTree } from './published-tree.ts';
import type { Expected, Scenario, Step } from './scenario.ts';
import { aptlySide, espejoSide, type Side } from './side.ts';
import { inOneTask, oneByOne, type State, stateOf } from './state.ts';
import { splitWords } from './words.ts';

/** How a scenario ended that did not fail. */
export type Verdict = 'same' | 'differs by decision';

type Ends = Pick<TestContext, 'after'>;

type Pair = { readonly aptly: Side; readonly espejo: Side; readonly archive: ArchivePlace };

/**
 * Runs a scenario through both programs and compares every answer and what is left.
 * @throws an assertion that names the step
 */
export async function runScenario(scenario: Scenario, t: Ends): Promise<Verdict> {
  await assertReasons(scenario);
  const base = temporaryDirectory('oracle', quickDirectory);
  const archive = await placeArchive(scenario.upstream);
  try {
    const pair = await makePair({ base, archive }, scenario, t);
    for (const [at, step] of scenario.steps.entries()) await compareStep(pair, step, at);
    await compareState(pair, scenario, t);
    return isDecided(scenario) ? 'differs by decision' : 'same';
  } finally {
    await archive.leave();
    await rm(base, { recursive: true, force: true });
  }
}

async function makePair(
  { base, archive }: { readonly base: string; readonly archive: ArchivePlace },
  scenario: Scenario,
  t: Ends,
): Promise<Pair> {
  const { files = {}, config = {}, adopted = [] } = scenario;
  const place = (name: string) => ({ cwd: join(base, name), files, config });
  const aptly = await aptlySide(place('a'));
  const espejo = await espejoSide(place('e'));
  for (const side of [aptly, espejo]) t.after(side.close);
  const pair = { aptly, espejo, archive };
  for (const line of adopted) {
    const { exit, stderr } = await aptly.run(wordsOf(line, aptly, pair));
    assert.equal(exit, 0, `${line}: ${stderr}`);
  }
  if (adopted.length > 0) await cp(join(aptly.cwd, 'root'), join(espejo.cwd, 'root'), { recursive: true });
  return pair;
}

function wordsOf(line: string, { cwd }: Side, { archive }: Pair): readonly string[] {
  return splitWords(line).map((word) => word.replaceAll('{cwd}', cwd).replaceAll('{url}', archive.url));
}

async function compareStep(pair: Pair, given: Step, at: number): Promise<void> {
  const step = typeof given === 'string' ? { run: given } : given;
  if ('upstream' in step) {
    pair.archive.become(step.upstream);
    return;
  }
  const name = `step ${at + 1}: ${step.run}`;
  const found = await answer(pair.espejo, pair, step);
  if (step.spec !== undefined) {
    compareWithSpec(found, step.spec, name);
    await answer(pair.aptly, pair, step);
    return;
  }
  const wanted = await answer(pair.aptly, pair, step);
  if (step.differs === undefined) assert.deepEqual(found, wanted, name);
  else assert.ok(!isDeepStrictEqual(found, wanted), `${name}: declared to differ, and does not`);
}

async function answer(
  side: Side,
  pair: Pair,
  step: Exclude<Step, string | { upstream: UpstreamArchive }>,
): Promise<Answer> {
  const ran = await side.run(wordsOf(step.run, side, pair), step.stdin);
  const found = ordered(answerOf(ran, surroundingsOf(side, pair)), step);
  if (step.usage) return usageOf(found);
  if (step.errorBegins !== undefined && found.error.startsWith(`ERROR: ${step.errorBegins}`))
    return { ...found, error: step.errorBegins };
  return found;
}

function ordered(found: Answer, { unordered = false }: { readonly unordered?: boolean }): Answer {
  return unordered ? { ...found, stdout: found.stdout.toSorted() } : found;
}

function compareWithSpec({ exit, stdout, error }: Answer, spec: Expected, name: string): void {
  const found = { exit, stdout: stdout.join('\n'), error };
  const named = Object.keys(spec) as readonly (keyof Expected)[];
  assert.deepEqual(Object.fromEntries(named.map((key) => [key, found[key]])), spec, name);
}

async function compareState(pair: Pair, { leavesOther, apt }: Scenario, t: Ends): Promise<void> {
  const state = (side: Side, batch: typeof oneByOne): Promise<State> =>
    stateOf(side, surroundingsOf(side, pair), batch(side));
  const wanted = await state(pair.aptly, inOneTask);
  const found = await state(pair.espejo, oneByOne);
  const other = leavesOther?.parts ?? [];
  for (const part of ['objects', 'packages', 'pool', 'files', 'published'] as const) {
    if (!other.includes(part))
      assert.deepEqual(...narrowed(found[part], wanted[part]), `what is left: ${part}`);
    else
      assert.ok(!isDeepStrictEqual(found[part], wanted[part]), `${part} are declared to differ, and do not`);
  }
  if (apt) assert.deepEqual(await aptView(pair.espejo, t), await aptView(pair.aptly, t), 'what apt sees');
}

/** Of two trees with the same paths only what differs, for a message that can be read. */
function narrowed(found: unknown, wanted: unknown): [unknown, unknown] {
  if (!isTree(found) || !isTree(wanted)) return [found, wanted];
  const paths = Object.keys(found);
  if (!isDeepStrictEqual(paths, Object.keys(wanted))) return [paths, Object.keys(wanted)];
  const other = paths.filter((path) => found[path] !== wanted[path]);
  const only = (tree: PublishedTree): unknown =>
    other.map((path) => [path, ...(tree[path] ?? '').split('\n')]);
  return [only(found), only(wanted)];
}

function isTree(part: unknown): part is PublishedTree {
  return typeof part === 'object' && part !== null && !Array.isArray(part);
}

function surroundingsOf({ cwd }: Side, { archive }: Pair): Surroundings {
  return { cwd, url: archive.url };
}

function isDecided(scenario: Scenario): boolean {
  return reasonsOf(scenario).length > 0;
}

function reasonsOf({ steps, leavesOther }: Scenario): readonly string[] {
  const ofSteps = steps.flatMap((step) =>
    typeof step === 'object' && 'differs' in step ? step.differs : [],
  );
  return [...ofSteps, leavesOther?.reason].filter((reason) => reason !== undefined);
}

const differences = new URL('../../../src/aptly/DIFFERENCES.md', import.meta.url);

async function assertReasons(scenario: Scenario): Promise<void> {
  const reasons = reasonsOf(scenario);
  if (reasons.length === 0) return;
  const text = (await readFile(differences, 'utf8')).replaceAll(/\n {2}/g, ' ');
  for (const reason of reasons)
    assert.ok(text.includes(`- ${reason}`), `DIFFERENCES.md has no line "${reason}"`);
}
