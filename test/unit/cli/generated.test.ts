import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { handlers } from '../../../src/cli/aptly/handlers.ts';
import { globals, specification } from '../../support/aptly-specification.ts';
import { bashCompletion } from '../../support/generated/bash-completion.ts';
import { commandsTable } from '../../support/generated/commands-table.ts';
import { manPage } from '../../support/generated/man-page.ts';
import { zshCompletion } from '../../support/generated/zsh-completion.ts';

const root = resolve(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(resolve(root, path), 'utf8');

const generated: Readonly<Record<string, () => string>> = {
  'data/completion/espejo.bash': bashCompletion,
  'data/completion/_espejo': zshCompletion,
  'data/espejo.1': manPage,
  'src/aptly/COMMANDS.md': () => commandsTable(read('src/aptly/DIFFERENCES.md')),
};

describe('generated files', () => {
  for (const [path, generate] of Object.entries(generated)) {
    it(`${path} is as the command table has it`, () => {
      const text = generate();
      if (process.env['ESPEJO_GENERATE'] === '1') writeFileSync(resolve(root, path), text);

      assert.equal(read(path), text, `write it again: ESPEJO_GENERATE=1 node --test ${relativeName}`);
    });
  }
});

describe('src/aptly/COMMANDS.md', () => {
  const table = read('src/aptly/COMMANDS.md');

  it('has every command and flag of the specification', () => {
    for (const [command, flags] of Object.entries(specification)) {
      const row = table.split('\n').find((line) => line.startsWith(`| \`${command}\` |`)) ?? '';
      const missing = namesOf(flags).filter((flag) => !row.includes(`\`-${flag}\``));

      assert.ok(row !== '', command);
      assert.deepEqual(missing, [], command);
    }
    for (const flag of namesOf(globals)) assert.ok(table.includes(`\`-${flag}\``), flag);
  });

  it('has a handler for each but the REST API', () => {
    const without = Object.keys(specification).filter((command) => !(command in handlers));

    assert.deepEqual(without, ['api serve']);
  });
});

const relativeName = 'test/unit/cli/generated.test.ts';

function namesOf(flags: string): readonly string[] {
  return Array.from(flags.matchAll(/(?:^|\s)-([a-z0-9-]+)/g), ([, name]) => name ?? '');
}
