import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type FlagSpec, findCommand, leafCommands } from '../../../../src/cli/aptly/command-spec.ts';
import { globalFlags } from '../../../../src/cli/aptly/flags.ts';
import { aptlyCommands } from '../../../../src/cli/aptly/table.ts';

/**
 * The specification (cli.md of aptly 1.6.3) as data: each leaf command with its flags. `-name` is a boolean that is false,
 * `-name=""` a text, `-name=0` an int, `-name=0L` an int64, `-name[]` a list.
 */
const writing =
  '-batch -force-overwrite -gpg-key[] -keyring[] -multi-dist -passphrase="" -passphrase-file="" -secret-keyring="" -signed-by="" -skip-bz2 -skip-contents -skip-signing -version=""';
const publishing = `-acquire-by-hash -butautomaticupgrades="" -codename="" -component="" -distribution="" -label="" -notautomatic="" -origin="" -suite="" ${writing}`;
const staging = '-prefix="." -component=""';

const specification: Readonly<Record<string, string>> = {
  'api serve': '-listen=":8080" -no-lock',
  'config show': '-yaml',
  'db cleanup': '-dry-run -verbose',
  'db recover': '',
  graph: '-format="png" -layout="horizontal" -output=""',
  'mirror create':
    '-filter="" -filter-with-deps -force-architectures -force-components -ignore-signatures -keyring[] -max-tries=1 -with-appstream -with-installer -with-sources -with-udebs',
  'mirror drop': '-force',
  'mirror edit':
    '-archive-url="" -filter="" -filter-with-deps -ignore-signatures -keyring[] -with-appstream -with-installer -with-sources -with-udebs',
  'mirror list': '-json -raw',
  'mirror rename': '',
  'mirror search': '-with-deps -format=""',
  'mirror show': '-json -with-packages',
  'mirror update':
    '-download-limit=0L -downloader="default" -force -ignore-checksums -ignore-signatures -keyring[] -latest -max-tries=1 -skip-existing-packages',
  'package search': '-format=""',
  'package show': '-with-files -with-references',
  'publish drop': '-force-drop -skip-cleanup',
  'publish list': '-json -raw',
  'publish repo': publishing,
  'publish show': '-json',
  'publish snapshot': publishing,
  'publish source add': staging,
  'publish source drop': staging,
  'publish source list': `${staging} -json`,
  'publish source remove': staging,
  'publish source replace': staging,
  'publish source update': staging,
  'publish switch': `-component="" -skip-cleanup ${writing}`,
  'publish update': `-label="" -origin="" -skip-cleanup ${writing}`,
  'repo add': '-force-replace -remove-files',
  'repo copy': '-dry-run -with-deps',
  'repo create': '-comment="" -component="main" -distribution="" -uploaders-file=""',
  'repo drop': '-force',
  'repo edit': '-comment="" -component="" -distribution="" -uploaders-file=""',
  'repo import': '-dry-run -with-deps',
  'repo include':
    '-accept-unsigned -force-replace -ignore-signatures -keyring[] -no-remove-files -repo="{{.Distribution}}" -uploaders-file=""',
  'repo list': '-json -raw',
  'repo move': '-dry-run -with-deps',
  'repo remove': '-dry-run',
  'repo rename': '',
  'repo search': '-with-deps -format=""',
  'repo show': '-json -with-packages',
  serve: '-listen=":8080"',
  'snapshot create': '',
  'snapshot diff': '-only-matching',
  'snapshot drop': '-force',
  'snapshot filter': '-with-deps',
  'snapshot list': '-json -raw -sort="name"',
  'snapshot merge': '-latest -no-remove',
  'snapshot pull': '-all-matches -dry-run -no-deps -no-remove',
  'snapshot rename': '',
  'snapshot search': '-with-deps -format=""',
  'snapshot show': '-json -with-packages',
  'snapshot verify': '',
  'task run': '-filename=""',
  version: '',
};

const globals =
  '-architectures="" -config="" -db-open-attempts=10 -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider=""';

const leaves = leafCommands(aptlyCommands());

describe("aptly's command table", () => {
  it('has the 55 commands of the specification and no other', () => {
    const names = leaves.map(({ path }) => path.join(' '));

    assert.deepEqual(names.toSorted(), Object.keys(specification).toSorted());
    assert.equal(names.length, 55);
  });

  for (const [name, flags] of Object.entries(specification)) {
    it(`${name} has the flags of the specification with their kinds and defaults`, () => {
      const found = leaves.find(({ path }) => path.join(' ') === name);

      assert.deepEqual(written(found?.leaf.flags ?? []), words(flags));
    });
  }

  it('has the 9 global flags', () => {
    assert.deepEqual(written(globalFlags), words(globals));
  });

  it('has as many flags as the specification counts', () => {
    const names = leaves.flatMap(({ leaf }) => leaf.flags.map(({ name }) => name));

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
