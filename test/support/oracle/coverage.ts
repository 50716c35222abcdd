import { leafCommands } from '../../../src/cli/aptly/command-spec.ts';
import { aptlyCommands } from '../../../src/cli/aptly/table.ts';
import type { Scenario } from './scenario.ts';
import { splitWords } from './words.ts';

/** The commands, and pairs of command and flag, of the table that no scenario touches: `repo add`, `repo add -force-replace`. */
export function untouched(scenarios: readonly Scenario[]): readonly string[] {
  const touched = new Set(scenarios.flatMap(linesOf).flatMap(touchedBy));
  return everything().filter((item) => !touched.has(item));
}

const leaves = leafCommands(aptlyCommands());
const globals = aptlyCommands().flags.map(({ name }) => `-${name}`);

function everything(): readonly string[] {
  const ofLeaves = leaves.flatMap(({ path, leaf }) => {
    const command = path.join(' ');
    return [command, ...leaf.flags.map(({ name }) => `${command} -${name}`)];
  });
  return [...ofLeaves, ...globals];
}

function linesOf({ steps }: Scenario): readonly string[] {
  return steps.flatMap((step) => (typeof step === 'string' ? [step] : 'run' in step ? [step.run] : []));
}

function touchedBy(line: string): readonly string[] {
  const words = splitWords(line);
  const plain = words.filter((word) => !word.startsWith('-'));
  const found = leaves.find(({ path }) => path.every((word, at) => plain[at] === word));
  const flags = words
    .filter((word) => word.startsWith('-'))
    .map((word) => `-${word.replace(/^--?/, '').split('=', 1)[0]}`);
  const ofGlobals = flags.filter((flag) => globals.includes(flag));
  if (found === undefined) return ofGlobals;
  const command = found.path.join(' ');
  return [command, ...ofGlobals, ...flags.map((flag) => `${command} ${flag}`)];
}
