import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { incomingFiles, writeFiles } from '../../builders/incoming.ts';
import { makeMirrorObject } from '../../builders/library-objects.ts';
import { type CommandRoot, makeCommandRoot } from '../../support/aptly-commands.ts';

/** Every command that takes a query; `QUERY` is where. */
const commands = [
  'mirror create -filter=QUERY new http://127.0.0.1:1/ sid',
  'mirror edit -filter=QUERY m1',
  'mirror search m1 QUERY',
  'repo search r1 QUERY',
  'repo copy r1 r2 alpha QUERY',
  'repo move r1 r2 alpha QUERY',
  'repo import m1 r2 alpha QUERY',
  'repo remove r1 alpha QUERY',
  'snapshot search s1 QUERY',
  'snapshot filter s1 new alpha QUERY',
  'snapshot pull s1 s2 new alpha QUERY',
  'package search QUERY',
  'package show QUERY',
] as const;

const query = 'alpha, (beta | gamma';
const message = 'column 21: expected "|", "," or ")", found the end, in: alpha, (beta | gamma';

describe('a query that cannot be parsed', () => {
  let root: CommandRoot;

  before(async () => {
    root = await makeCommandRoot();
    await writeFiles(root.directory, await incomingFiles());
    await writeFile(join(root.directory, 'query'), query);
    await root.output('repo', 'create', 'r1');
    await root.output('repo', 'create', 'r2');
    await root.output('repo', 'add', 'r1', 'in');
    await root.output('snapshot', 'create', 's1', 'from', 'repo', 'r1');
    await root.output('snapshot', 'create', 's2', 'from', 'repo', 'r1');
    await root.withApp(async ({ catalog: { objects } }) => {
      const list = (await objects.find('repo', 'r1'))?.list ?? null;
      const object = makeMirrorObject({ name: 'm1', list, architectures: ['amd64'] });
      await objects.change([{ save: 'mirror', object }]);
    });
  });

  for (const command of commands) {
    for (const given of [query, '@query']) {
      it(`${command.replace('QUERY', given === query ? '<query>' : '@file')}: the error points at the column`, async () => {
        const state = await stateOf(root);

        const { error, code } = await root.run(
          ...command.split(' ').map((word) => word.replace('QUERY', given)),
        );

        assert.equal(code, 'E_QUERY_SYNTAX');
        assert.match(error ?? '', /^unable to [a-z]+( mirror| query)?: parsing failed: /);
        assert.ok(error?.endsWith(message), error);
        assert.deepEqual(await stateOf(root), state);
      });
    }
  }
});

async function stateOf(root: CommandRoot): Promise<readonly string[]> {
  const commandsOfState = [
    ['mirror', 'show', '-json', 'm1'],
    ['mirror', 'list', '-raw'],
    ['repo', 'show', '-json', '-with-packages', 'r1'],
    ['repo', 'show', '-json', '-with-packages', 'r2'],
    ['snapshot', 'list', '-raw'],
  ];
  const outputs: string[] = [];
  for (const words of commandsOfState) outputs.push(await root.output(...words));
  return outputs;
}
