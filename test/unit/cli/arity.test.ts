import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findCommand } from '../../../src/cli/aptly/command-spec.ts';
import { aptlyCommands } from '../../../src/cli/aptly/table.ts';
import { acceptsArguments } from '../../../src/cli/arity.ts';

/** Command, `:`, arguments; a `-component` in front counts for publications. */
const accepted = `
  version:
  config show: ignored words
  task run: repo list, version
  task run:
  package search:
  package search: q
  package show: q
  mirror create: name http://host/ sid
  mirror create: name http://host/ sid main contrib
  mirror create: name ppa:user/project
  mirror search: name
  mirror search: name query
  repo create: name
  repo create: name from snapshot other
  repo add: name file.deb directory
  repo include: file.changes
  repo copy: a b q q
  snapshot create: name from mirror other
  snapshot create: name from repo other
  snapshot create: name empty
  snapshot verify: name
  snapshot merge: destination source
  snapshot pull: a b c q
  publish snapshot: name
  publish snapshot: name prefix
  publish snapshot -component=main,contrib: a b
  publish repo -component=,: a b prefix
  publish switch: sid name
  publish switch: sid prefix name
  publish switch -component=a,b: sid prefix x y
  publish update: sid
  publish update: sid prefix
  publish source add: sid a b
  publish source remove: sid ignored
  publish source list: sid`;

const refused = `
  version: word
  mirror list: word
  mirror create: name http://host/
  mirror show: foo -json
  mirror rename: old
  mirror search:
  mirror search: name query more
  repo create:
  repo create: name from snapshot
  repo create: name from mirror other
  repo add: name
  repo include:
  repo import: a b
  snapshot create: name
  snapshot create: name from snapshot other
  snapshot create: name empty more
  snapshot diff: a
  snapshot merge: destination
  snapshot pull: a b c
  snapshot filter: a b
  publish snapshot:
  publish snapshot: a b c
  publish snapshot -component=main,contrib: a
  publish switch: sid
  publish switch: sid prefix a b
  publish show:
  publish drop: sid prefix more
  publish source add: sid
  publish source list: sid more
  db cleanup: word
  package show:`;

describe('acceptsArguments', () => {
  for (const line of lines(accepted)) {
    it(`accepts ${line}`, () => {
      assert.equal(accepts(line), true);
    });
  }

  for (const line of lines(refused)) {
    it(`refuses ${line}`, () => {
      assert.equal(accepts(line), false);
    });
  }
});

function accepts(line: string): boolean {
  const [, command = '', component, args = ''] =
    /^([a-z ]+?)(?: -component=(\S*))?:(?: (.*))?$/.exec(line) ?? [];
  const leaf = findCommand(aptlyCommands(), command.split(' '))?.at(-1);
  if (leaf?.kind !== 'leaf') throw new Error(`no command: ${line}`);
  const words = args.split(' ').filter((word) => word !== '');
  return acceptsArguments(leaf.arity, words, component);
}

function lines(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
