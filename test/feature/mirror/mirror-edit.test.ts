import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { MirrorObject } from '../../../src/catalog/objects.ts';
import { type SuiteUpstream, suiteUpstream } from '../../builders/suite-upstream.ts';
import { type CommandRoot, makeCommandRoot } from '../../support/aptly-commands.ts';
import { whileHeld, withoutHolder } from '../../support/held-mirror.ts';

type Bench = SuiteUpstream & {
  readonly root: CommandRoot;
  readonly url: string;
  /** The mirror m1. */
  mirror(): Promise<MirrorObject>;
  /** Changes m1 behind the back of the commands. */
  change(changes: Partial<MirrorObject>): Promise<void>;
};

/** A root with the mirror m1 of xenial main. */
async function bench(context: TestContext, config: object = {}): Promise<Bench> {
  const site = await suiteUpstream(context);
  const root = await makeCommandRoot('espejo', { config: { limits: { retries: 0 }, ...config } });
  const { url } = site.upstream;
  await root.output('mirror', 'create', '-ignore-signatures', 'm1', url, 'xenial', 'main');
  site.upstream.forget();
  const mirror = async (): Promise<MirrorObject> => {
    const found = await root.withApp(({ catalog }) => catalog.objects.find('mirror', 'm1'));
    return found ?? assert.fail('m1 is gone');
  };
  return {
    ...site,
    root,
    url,
    mirror,
    async change(changes) {
      const object = { ...(await mirror()), ...changes };
      await root.withApp(({ catalog }) => catalog.objects.change([{ save: 'mirror', object }]));
    },
  };
}

describe('mirror edit', () => {
  test('changes what the flags name and nothing else, without asking the archive', async (context) => {
    const { root, url, mirror, upstream } = await bench(context);
    const before = await mirror();
    await writeFile(join(root.directory, 'query'), 'nginx');

    const nothing = await root.output('mirror', 'edit', 'm1');
    assert.deepEqual(await mirror(), before);
    const on = await root.output(
      'mirror',
      'edit',
      '-filter=@query',
      '-filter-with-deps',
      '-with-sources',
      '-with-udebs',
      '-with-installer',
      '-with-appstream',
      'm1',
    );
    const changed = await mirror();
    const off = await root.output('mirror', 'edit', '-filter=', '-with-sources=false', 'm1');

    assert.equal(nothing, `Mirror [m1]: ${url} xenial successfully updated.\n`);
    assert.equal(
      on,
      `Mirror [m1]: ${url} xenial [src] [udeb] [installer] [appstream] successfully updated.\n`,
    );
    assert.equal(off, `Mirror [m1]: ${url} xenial [udeb] [installer] [appstream] successfully updated.\n`);
    assert.deepEqual(changed, {
      ...before,
      filter: 'nginx',
      filterWithDeps: true,
      downloadSources: true,
      downloadUdebs: true,
      downloadInstaller: true,
      downloadAppStream: true,
    });
    assert.deepEqual(await mirror(), { ...changed, filter: '', downloadSources: false });
    assert.equal(upstream.count(), 0);
  });

  test('a new URL is asked for its Release file', async (context) => {
    const { root, url, mirror, release } = await bench(context);
    await release('other/dists/xenial', (text) => text.replace('Origin: Espejo demo', 'Origin: Other'));

    const stdout = await root.output(
      'mirror',
      'edit',
      '-ignore-signatures',
      `-archive-url=${url}other`,
      'm1',
    );

    assert.equal(
      stdout,
      `Downloading: ${url}other/dists/xenial/Release\nMirror [m1]: ${url}other/ xenial successfully updated.\n`,
    );
    const { archiveRoot, meta, components } = await mirror();
    assert.deepEqual([archiveRoot, meta['Origin'], components], [`${url}other/`, 'Other', ['main']]);
  });

  test('-architectures replaces the architectures, but for those of the configuration', async (context) => {
    const { root, url, mirror, release } = await bench(context, { architectures: ['amd64'] });
    await release('dists/xenial', (text) =>
      text.replace('Architectures: amd64', 'Architectures: amd64 i386'),
    );

    await root.output('mirror', 'edit', '-with-sources', 'm1');
    const kept = await mirror();
    await root.output('mirror', 'edit', '-ignore-signatures', '-architectures=i386,amd64', 'm1');
    const replaced = await mirror();
    const unknown = await root.run('mirror', 'edit', '-ignore-signatures', '-architectures=mips', 'm1');

    assert.deepEqual(kept.architectures, ['amd64']);
    assert.deepEqual(replaced.architectures, ['i386', 'amd64']);
    assert.equal(
      unknown.error,
      `unable to edit: architecture mips not available in repo [m1]: ${url} xenial [src], use -force-architectures to override`,
    );
    assert.deepEqual(await mirror(), replaced);
  });

  test('verifies unless it is told not to; -ignore-signatures=false is no such word', async (context) => {
    const { root, key, url, mirror, write } = await bench(context);
    const before = await mirror();
    const edit = ['mirror', 'edit', `-archive-url=${url}`];

    await root.output(...edit, `-keyring=${key.publicPath}`, 'm1');
    const noKeyring = await root.run(...edit, '-ignore-signatures=false', '-keyring=/nowhere', 'm1');
    write('dists/xenial/InRelease', undefined);
    write('dists/xenial/Release.gpg', undefined);
    const unsigned = await root.run(...edit, `-keyring=${key.publicPath}`, '-with-sources', 'm1');

    assert.equal(
      noKeyring.error,
      'unable to initialize GPG verifier: keyring /nowhere does not exist; a name without "/" is looked for in the GnuPG home directory',
    );
    assert.equal(
      unsigned.error,
      `unable to edit: HTTP code 404 while fetching ${url}dists/xenial/Release.gpg`,
    );
    assert.deepEqual(await mirror(), before);
  });

  test('warns of a Release file that is older than the one before', async (context) => {
    const { root, url, release } = await bench(context);
    await release('dists/xenial', (text) => text.replace('21 Apr 2016', '20 Apr 2016'));

    await root.output('mirror', 'edit', '-ignore-signatures', '-architectures=amd64', 'm1');

    assert.deepEqual(root.warnings(), [
      `${url}dists/xenial/Release: dated 2016-04-20T23:23:46.000Z, older than 2016-04-21T23:23:46.000Z accepted before`,
    ]);
  });

  test('refuses a filter that is none, a URL that is none, and what flat archives do not have', async (context) => {
    const { root, url, mirror, release, change } = await bench(context);
    await release('flat');
    const before = await mirror();

    const filter = await root.run('mirror', 'edit', '-filter=nginx (', '-with-sources', 'm1');
    const file = await root.run('mirror', 'edit', '-filter=@nope', 'm1');
    const place = await root.run('mirror', 'edit', '-archive-url=ftp://host/', 'm1');
    const unknown = await root.run('mirror', 'edit', '-with-sources', 'nope');
    assert.deepEqual(await mirror(), before);
    await change({ archiveRoot: `${url}flat/`, distribution: './', components: [] });
    const udebs = await root.run('mirror', 'edit', '-with-udebs', 'm1');
    const appStream = await root.run('mirror', 'edit', '-with-appstream', 'm1');

    assert.match(filter.error ?? '', /^unable to edit: parsing failed: /);
    assert.match(file.error ?? '', /^unable to edit: unable to read package query from file nope: /);
    assert.equal(place.error, 'unable to edit: ftp://host/: only http and https are supported');
    assert.equal(unknown.error, 'unable to edit: mirror with name nope not found');
    assert.equal(udebs.error, "unable to edit: flat mirrors don't support udebs");
    assert.equal(appStream.error, "unable to edit: flat mirrors don't support AppStream");
  });

  test('refuses a mirror while it is being updated', async (context) => {
    const { root, url, mirror } = await bench(context);

    const { error, shown, listed } = await whileHeld(
      join(root.directory, 'root'),
      await mirror(),
      async () => ({
        error: (await root.run('mirror', 'edit', '-with-sources', 'm1')).error,
        shown: await root.output('mirror', 'show', 'm1'),
        listed: JSON.parse(await root.output('mirror', 'list', '-json')),
      }),
    );
    await root.output('mirror', 'edit', '-with-sources', 'm1');

    assert.equal(
      withoutHolder(error),
      `unable to edit: mirror is locked by update operation, PID ${process.pid}`,
    );
    assert.deepEqual([listed[0].Status, listed[0].WorkerPID], [1, process.pid]);
    assert.match(
      shown,
      new RegExp(`^Name: m1\nStatus: In Update \\(PID ${process.pid}\\)\nArchive Root URL: ${url}\n`),
    );
    assert.equal((await mirror()).downloadSources, true);
  });

  test('refuses a mirror of the configuration', async (context) => {
    const { root, change, key, url } = await bench(context);
    await change({ managedBy: 'x' });
    await writeFile(
      join(root.directory, 'aptly.conf'),
      JSON.stringify({
        rootDir: join(root.directory, 'root'),
        mirrors: {
          x: {
            url,
            suites: ['xenial'],
            components: ['main'],
            architectures: ['amd64'],
            keyring: key.publicPath,
            packages: ['nginx'],
          },
        },
      }),
    );

    const { error, code } = await root.run('mirror', 'edit', '-with-sources', 'm1');

    assert.equal(code, 'E_OBJECT_IN_USE');
    assert.match(error ?? '', /^unable to edit: mirror m1 is kept by "sync" for the mirror x of /);
  });
});
