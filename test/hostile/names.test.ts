import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, it } from 'node:test';
import type { PublicationObject } from '../../src/catalog/objects.ts';
import { writeDeb } from '../builders/library-packages.ts';
import { type CommandRoot, makeCommandRoot } from '../support/aptly-commands.ts';
import { listFiles } from '../support/publishing.ts';

const evil = 'x/../../../../../../../evil';

describe('names that become parts of paths', () => {
  let root: CommandRoot;

  /** Everything below the directory of the test but the catalog. */
  async function tree(): Promise<readonly string[]> {
    const entries = await readdir(root.directory, { recursive: true });
    return entries.filter((path) => !path.startsWith('root/db')).sort();
  }

  beforeEach(async () => {
    root = await makeCommandRoot();
    await root.output('repo', 'create', '-distribution=stable', 'r');
    await root.output('repo', 'add', 'r', await writeDeb(join(root.directory, 'in'), 'alpha_1_amd64'));
    await root.output('snapshot', 'create', 's', 'from', 'repo', 'r');
  });

  const refused: readonly (readonly [code: string, ...words: string[]])[] = [
    ['E_UNSAFE_PATH', 'publish', 'repo', `-architectures=${evil}`, 'r'],
    ['E_UNSAFE_PATH', 'publish', 'repo', `-architectures=amd64,${evil}`, 'r'],
    ['E_UNSAFE_PATH', 'publish', 'repo', '-distribution=.espejo/stable', 'r'],
    ['E_UNSAFE_PATH', 'publish', 'repo', '-distribution=x/.y', 'r'],
    ['E_UNSAFE_PATH', 'publish', 'repo', `-distribution=${evil}`, 'r'],
    ['E_UNSAFE_PATH', 'publish', 'repo', `-component=${evil}`, 'r'],
    ['E_UNSAFE_PATH', 'publish', 'repo', '-component=InRelease', 'r'],
    ['E_UNSAFE_PATH', 'publish', 'repo', 'r', evil],
    ['E_UNSAFE_PATH', 'publish', 'repo', 'r', '.espejo'],
    ['E_UNSAFE_PATH', 'publish', 'snapshot', '-distribution=x', `-architectures=${evil}`, 's'],
    ['E_UNSAFE_PATH', 'mirror', 'create', `-architectures=${evil}`, 'm', 'http://127.0.0.1:1/', 'x', 'main'],
    ['E_UNSAFE_PATH', 'mirror', 'create', 'm', 'http://127.0.0.1:1/', 'x', evil],
    ['E_UNSAFE_PATH', 'repo', 'create', `-distribution=${evil}`, 'r2'],
    ['E_UNSAFE_PATH', 'repo', 'create', `-component=${evil}`, 'r2'],
    ['E_UNSAFE_PATH', 'repo', 'edit', '-distribution=.espejo/stable', 'r'],
    ['E_UNSAFE_PATH', 'repo', 'edit', `-component=${evil}`, 'r'],
    ['E_UNSAFE_PATH', 'snapshot', 'pull', `-architectures=${evil}`, 's', 's', 's2', 'alpha'],
    ...[
      'origin',
      'label',
      'suite',
      'codename',
      'version',
      'signed-by',
      'notautomatic',
      'butautomaticupgrades',
    ].map((flag) => ['E_BAD_VALUE', 'publish', 'repo', `-${flag}=a\nAcquire-By-Hash: no`, 'r'] as const),
  ];
  for (const [code, ...words] of refused) {
    it(`${words.join(' ').replace('\n', '\\n')} is refused and writes nothing`, async () => {
      const before = await tree();

      const ran = await root.run(words[0] ?? '', words[1] ?? '', ...signing(words), ...words.slice(2));

      assert.equal(ran.code, code, ran.error);
      assert.deepEqual(await tree(), before);
      assert.deepEqual(await root.withApp(({ catalog }) => catalog.publications()), []);
    });
  }

  it('-architectures of the configuration are checked when it is read', async () => {
    const other = await makeCommandRoot('espejo', { config: { architectures: [evil] } });

    const { code } = await other.run('repo', 'list');

    assert.equal(code, 'E_CONFIG_INVALID');
  });

  it('switch and update refuse a field that would become two', async () => {
    await root.output('publish', 'snapshot', '-skip-signing', '-distribution=x', 's');
    await root.output('publish', 'repo', '-skip-signing', 'r');
    const before = await tree();

    const switched = await root.run('publish', 'switch', '-skip-signing', '-label=a\nX: y', 'x', 's');
    const updated = await root.run('publish', 'update', '-skip-signing', '-origin=a\nX: y', 'stable');

    assert.deepEqual([switched.code, updated.code], ['E_BAD_VALUE', 'E_BAD_VALUE']);
    assert.deepEqual(await tree(), before);
  });

  it('an architecture that a package brings is left out when it is no name, and told', async () => {
    await root.withApp(async ({ catalog }) => {
      const repo = await catalog.objects.find('repo', 'r');
      assert.ok(repo);
      const [one] = await catalog.packages(repo.list);
      assert.ok(one);
      const { kind, name, version, files, key } = one;
      const stanza = Buffer.from('Package: x\n');
      const odd = { kind, name, version, files, stanza, architecture: evil, key: key.replace('amd64', evil) };
      const list = await catalog.keepList([one, odd]);
      await catalog.objects.change([{ save: 'repo', object: { ...repo, list } }]);
    });

    await root.output('publish', 'repo', '-skip-signing', '-skip-contents', 'r');

    const files = await listFiles(join(root.directory, 'root/public'));
    assert.deepEqual(
      files.filter((path) => path.includes('evil')),
      [],
    );
    assert.match(
      await readFile(join(root.directory, 'root/public/dists/stable/Release'), 'utf8'),
      /^Architectures: amd64$/m,
    );
    assert.match(root.warnings().join('\n'), /packages of the architecture "x\/\.\..*left out/);
  });

  it('a field that upstream goes on with in further lines is published on one', async () => {
    await root.withApp(async ({ catalog }) => {
      const snapshot = await catalog.objects.find('snapshot', 's');
      assert.ok(snapshot);
      const object = { ...snapshot, origin: 'Some\n Suite: evil' };
      await catalog.objects.change([{ save: 'snapshot', object }]);
    });

    await root.output('publish', 'snapshot', '-skip-signing', '-distribution=x', 's');

    assert.match(
      await readFile(join(root.directory, 'root/public/dists/x/Release'), 'utf8'),
      /^Origin: Some Suite: evil$/m,
    );
  });

  const planted: readonly (readonly [string, Partial<PublicationObject>])[] = [
    ['an architecture', { architectures: ['amd64', evil] }],
    ['a component', { sources: { [evil]: '' } }],
    ['a distribution', { distribution: evil }],
    ['a distribution in the store of generations', { distribution: '.espejo/stable' }],
    ['a prefix', { prefix: `../${evil}` }],
  ];
  for (const [what, changes] of planted) {
    it(`${what} that an adopted database brings leads nowhere`, async () => {
      await root.output('publish', 'repo', '-skip-signing', 'r');
      const before = await tree();
      const { distribution, prefix } = await root.withApp(async ({ catalog }) => {
        const [object] = await catalog.objects.all('publication');
        const repo = await catalog.objects.find('repo', 'r');
        assert.ok(object !== undefined && repo !== undefined);
        const sources = Object.fromEntries(
          Object.keys(changes.sources ?? object.sources).map((name) => [name, repo.uuid]),
        );
        const changed = { ...object, ...changes, sources };
        const name = `${changed.prefix}/${changed.distribution}`;
        await catalog.objects.change([{ save: 'publication', object: { ...changed, name } }]);
        return changed;
      });

      const ran = await root.run('publish', 'update', '-skip-signing', distribution, prefix);

      assert.notEqual(ran.error, undefined);
      assert.notEqual(ran.code, 'E_OBJECT_NOT_FOUND');
      assert.deepEqual(await tree(), before);
    });
  }
});

/** Signing is not what these tests are about. */
function signing([group]: readonly string[]): readonly string[] {
  return group === 'publish' ? ['-skip-signing'] : [];
}
