import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type FlagSpec, findCommand, leafCommands } from '../../../../src/cli/aptly/command-spec.ts';
import { globalFlags } from '../../../../src/cli/aptly/flags.ts';
import { aptlyCommands } from '../../../../src/cli/aptly/table.ts';
import { globals, specification } from '../../../support/aptly-specification.ts';

const leaves = leafCommands(aptlyCommands());

/** Flags of aptly's commands that are espejo's own. */
const ownFlags: Readonly<Record<string, readonly string[]>> = { 'mirror update': ['missing'] };

function specified({ path, leaf }: (typeof leaves)[number]): (typeof leaves)[number]['leaf']['flags'] {
  const own = ownFlags[path.join(' ')] ?? [];
  return leaf.flags.filter((flag) => !own.includes(flag.name));
}

describe("aptly's command table", () => {
  it('has the 55 commands of the specification and no other', () => {
    const names = leaves.map(({ path }) => path.join(' '));

    assert.deepEqual(names.toSorted(), Object.keys(specification).toSorted());
    assert.equal(names.length, 55);
  });

  for (const [name, flags] of Object.entries(specification)) {
    it(`${name} has the flags of the specification with their kinds and defaults`, () => {
      const found = leaves.find(({ path }) => path.join(' ') === name);

      assert.deepEqual(written(found === undefined ? [] : specified(found)), words(flags));
    });
  }

  it('has the 9 global flags', () => {
    assert.deepEqual(written(globalFlags), words(globals));
  });

  it('has as many flags as the specification counts', () => {
    const names = leaves.flatMap((one) => specified(one).map(({ name }) => name));

    assert.equal(names.length, 189);
    assert.equal(new Set(names).size, 69);
  });

  it('gives no command a flag twice, its own or a global one', () => {
    for (const { path, leaf } of leaves) {
      const names = [...globalFlags, ...leaf.flags].map(({ name }) => name);

      assert.equal(new Set(names).size, names.length, path.join(' '));
    }
  });

  it('explains every command and every flag', () => {
    for (const { path, leaf } of leaves) {
      const name = path.join(' ');

      assert.match(leaf.long, new RegExp(`\\$ espejo ${name}`), name);
      assert.match(leaf.short, /^\S.*[^.]$/, name);
      for (const flag of leaf.flags) assert.match(flag.help, /^\S.*[^.]$/, `${name} -${flag.name}`);
    }
  });

  it('leaves to the configuration what the specification says', () => {
    const keys = [...globalFlags, ...leaves.flatMap(({ leaf }) => leaf.flags)].flatMap(
      ({ name, configKey }) => (configKey === undefined ? [] : [`${name} ${configKey}`]),
    );

    assert.deepEqual(
      [...new Set(keys)].toSorted(),
      [
        'architectures architectures',
        'db-open-attempts databaseOpenAttempts',
        'dep-follow-all-variants dependencyFollowAllVariants',
        'dep-follow-recommends dependencyFollowRecommends',
        'dep-follow-source dependencyFollowSource',
        'dep-follow-suggests dependencyFollowSuggests',
        'dep-verbose-resolve dependencyVerboseResolve',
        'download-limit downloadSpeedLimit',
        'gpg-key gpgKeys',
        'gpg-provider gpgProvider',
        'ignore-signatures gpgDisableVerify',
        'skip-bz2 skipBz2Publishing',
        'skip-contents skipContentsPublishing',
        'skip-signing gpgDisableSign',
        'with-sources downloadSourcePackages',
      ].toSorted(),
    );
  });
});

describe('findCommand', () => {
  const root = aptlyCommands('aptly');

  it('leads from the root to a command', () => {
    const path = findCommand(root, ['publish', 'source', 'add']);

    assert.deepEqual(
      path?.map(({ name }) => name),
      ['aptly', 'publish', 'source', 'add'],
    );
  });

  it('knows no other words', () => {
    assert.equal(findCommand(root, ['publish', 'nothing']), undefined);
    assert.equal(findCommand(root, ['version', 'more']), undefined);
  });
});

function written(flags: readonly FlagSpec[]): readonly string[] {
  return flags.map(writtenFlag).toSorted();
}

function writtenFlag(flag: FlagSpec): string {
  switch (flag.kind) {
    case 'bool':
      return flag.default ? `-${flag.name}=true` : `-${flag.name}`;
    case 'list':
      return `-${flag.name}[]`;
    case 'string':
      return `-${flag.name}="${flag.default}"`;
    case 'int':
      return `-${flag.name}=${flag.default}`;
    case 'int64':
      return `-${flag.name}=${flag.default}L`;
  }
}

function words(text: string): readonly string[] {
  return text
    .split(' ')
    .filter((word) => word !== '')
    .toSorted();
}
