import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { MirrorObject } from '../../../src/catalog/objects.ts';
import { type SuiteUpstream, suiteUpstream } from '../../builders/suite-upstream.ts';
import { type CommandRoot, makeCommandRoot } from '../../support/aptly-commands.ts';
import { signingKey } from '../../support/signing-keys.ts';

type Bench = SuiteUpstream & {
  readonly root: CommandRoot;
  readonly url: string;
  /** The mirror of that name. */
  find(name: string): Promise<MirrorObject | undefined>;
};

async function bench(
  context: TestContext,
  options: { readonly config?: object; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Bench> {
  const site = await suiteUpstream(context);
  const limits = { retries: 0 };
  const root = await makeCommandRoot('espejo', { ...options, config: { limits, ...options.config } });
  return {
    ...site,
    root,
    url: site.upstream.url,
    find: (name) => root.withApp(({ catalog }) => catalog.objects.find('mirror', name)),
  };
}

describe('mirror create', () => {
  test('keeps what the Release file says, with all components and architectures', async (context) => {
    const { root, url, key, find } = await bench(context);

    const stdout = await root.output(
      'mirror',
      'create',
      `-keyring=${key.publicPath}`,
      'm1',
      url.slice(0, -1),
      'xenial',
    );

    assert.equal(
      stdout,
      `Downloading: ${url}dists/xenial/InRelease

Mirror [m1]: ${url} xenial successfully added.
You can run 'espejo mirror update m1' to download repository contents.
`,
    );
    const { uuid, meta, ...mirror } = (await find('m1')) as MirrorObject;
    assert.match(uuid, /^[0-9a-f-]{36}$/);
    assert.equal(meta['Suite'], 'xenial');
    assert.deepEqual(mirror, {
      name: 'm1',
      archiveRoot: url,
      distribution: 'xenial',
      components: ['main', 'universe'],
      architectures: ['amd64'],
      lastDownloadDate: null,
      filter: '',
      filterWithDeps: false,
      skipComponentCheck: false,
      skipArchitectureCheck: false,
      downloadSources: false,
      downloadUdebs: false,
      downloadInstaller: false,
      downloadAppStream: false,
      appStreamFiles: {},
      list: null,
      managedBy: null,
    });
  });

  test('keeps what the flags say', async (context) => {
    const { root, url, find } = await bench(context);
    await writeFile(join(root.directory, 'query'), 'nginx |\n  Name (~ ^a)\n');
    const flags = [
      '-ignore-signatures',
      '-filter=@query',
      '-filter-with-deps',
      '-force-architectures',
      '-force-components',
      '-architectures=i386,armhf',
      '-with-appstream',
      '-with-installer',
      '-with-sources',
      '-with-udebs',
    ];

    const stdout = await root.output('mirror', 'create', ...flags, 'm1', url, 'xenial', 'contrib');

    assert.match(
      stdout,
      /Mirror \[m1\]: \S+ xenial \[src\] \[udeb\] \[installer\] \[appstream\] successfully added/,
    );
    const mirror = await find('m1');
    assert.deepEqual(mirror?.components, ['contrib']);
    assert.deepEqual(mirror.architectures, ['i386', 'armhf']);
    assert.equal(mirror.filter, 'nginx |\n  Name (~ ^a)\n');
    assert.ok(mirror.filterWithDeps && mirror.skipArchitectureCheck && mirror.skipComponentCheck);
  });

  test('takes its defaults from the configuration, and flags go before it', async (context) => {
    const config = { gpgDisableVerify: true, downloadSourcePackages: true, architectures: ['amd64'] };
    const { root, url, find } = await bench(context, { config });

    await root.output('mirror', 'create', 'm1', url, 'xenial');
    await root.output('mirror', 'create', '-with-sources=false', 'm2', url, 'xenial');
    const verified = await root.run(
      'mirror',
      'create',
      '-ignore-signatures=false',
      '-keyring=/nowhere',
      'm3',
      url,
      'xenial',
    );
    const other = await root.run('mirror', 'create', '-architectures=i386', 'm4', url, 'xenial');

    assert.equal((await find('m1'))?.downloadSources, true);
    assert.equal((await find('m2'))?.downloadSources, false);
    assert.equal(verified.code, 'E_KEYRING_INVALID');
    assert.equal(other.code, 'E_ARCHITECTURE_UNKNOWN');
  });

  test('knows flat archives, which have neither components nor architectures', async (context) => {
    const { root, url, release, find } = await bench(context);
    await release('flat');
    await release('flat/sub');
    const create = ['mirror', 'create', '-ignore-signatures'];

    await root.output(...create, 'm1', `${url}flat`, './');
    await root.output(...create, 'm2', `${url}flat`, 'sub/');
    const components = await root.run(...create, 'm3', `${url}flat`, './', 'main');
    const udebs = await root.run(...create, '-with-udebs', 'm3', `${url}flat`, './');
    const appStream = await root.run(...create, '-with-appstream', 'm3', `${url}flat`, './');

    const mirrors = [await find('m1'), await find('m2')];
    assert.deepEqual(
      mirrors.map((mirror) => [mirror?.distribution, mirror?.components, mirror?.architectures]),
      [
        ['./', [], []],
        ['./sub/', [], []],
      ],
    );
    assert.deepEqual(
      [components, udebs, appStream].map(({ error }) => error),
      [
        "unable to create mirror: components aren't supported for flat repos",
        "unable to create mirror: debian-installer udebs aren't supported for flat repos",
        "unable to create mirror: AppStream metadata isn't supported for flat repos",
      ],
    );
    assert.equal(await find('m3'), undefined);
  });

  test('refuses a name that is taken, a filter that is none, and what the archive does not have', async (context) => {
    const { root, url, find, upstream } = await bench(context);
    const create = ['mirror', 'create', '-ignore-signatures'];
    await root.output(...create, 'm1', url, 'xenial');
    upstream.forget();

    const taken = await root.run(...create, 'm1', url, 'xenial');
    const filter = await root.run(...create, '-filter=nginx (', 'm2', url, 'xenial');
    const file = await root.run(...create, '-filter=@nope', 'm2', url, 'xenial');
    assert.equal(upstream.count(), 0);
    const component = await root.run(...create, 'm2', url, 'xenial', 'main', 'nope');
    const architecture = await root.run(...create, '-architectures=nope', 'm2', url, 'xenial');
    const distribution = await root.run(...create, 'm2', url, 'nope');

    assert.equal(taken.error, 'unable to add mirror: mirror with name m1 already exists');
    assert.match(filter.error ?? '', /^unable to create mirror: parsing failed: /);
    assert.match(file.error ?? '', /^unable to create mirror: unable to read package query from file nope: /);
    assert.equal(
      component.error,
      `unable to fetch mirror: component nope not available in repo [m2]: ${url} xenial, use -force-components to override`,
    );
    assert.equal(
      architecture.error,
      `unable to fetch mirror: architecture nope not available in repo [m2]: ${url} xenial, use -force-architectures to override`,
    );
    assert.equal(
      distribution.error,
      `unable to fetch mirror: HTTP code 404 while fetching ${url}dists/nope/InRelease`,
    );
    assert.equal(await find('m2'), undefined);
  });

  test('refuses URLs that are not of the web, and shows no password', async (context) => {
    const { root } = await bench(context);
    const create = ['mirror', 'create', '-ignore-signatures'];

    const ftp = await root.run(...create, 'm1', 'ftp://host/debian', 'sid');
    const artifactRegistry = await root.run(...create, 'm1', 'ar+https://host/debian', 'sid');
    const nothing = await root.run(...create, 'm1', 'host/debian', 'sid');
    const secret = await root.run(...create, 'm1', 'http://u:secret@127.0.0.1:1/', 'sid');
    const outside = await root.run(...create, 'm1', 'http://127.0.0.1:1/', '../x');

    assert.equal(ftp.error, 'unable to create mirror: ftp://host/debian: only http and https are supported');
    assert.equal(artifactRegistry.code, 'E_FETCH_UNSUPPORTED');
    assert.equal(nothing.code, 'E_FETCH_UNSUPPORTED');
    assert.equal(outside.code, 'E_UNSAFE_PATH');
    assert.match(
      secret.error ?? '',
      /^unable to fetch mirror: http:\/\/(\*\*\*@)?127\.0\.0\.1:1\/dists\/sid\/Release/,
    );
    assert.ok(!`${secret.error} ${secret.stdout}`.includes('secret'));
  });

  test('goes on with a Release that sync would refuse, with a warning each', async (context) => {
    const { root, url, release } = await bench(context);
    await release('dists/old', (text) =>
      text.replace('Suite: xenial', 'Suite: other\nValid-Until: Sat, 23 Apr 2016 00:00:00 UTC'),
    );

    await root.output('mirror', 'create', '-ignore-signatures', 'm1', url, 'old');

    assert.deepEqual(root.warnings(), [
      `${url}dists/old/Release: asked for old, got Suite other, Codename xenial`,
      `${url}dists/old/Release: was valid until 2016-04-23T00:00:00.000Z`,
    ]);
  });
});

describe('the keyrings of mirror create', () => {
  test('without trusted keys it says how to import some', async (context) => {
    const { root, url } = await bench(context, { env: { HOME: '/nowhere' } });

    const { error, stdout } = await root.run('mirror', 'create', 'm1', url, 'xenial');

    assert.match(
      error ?? '',
      /^unable to initialize GPG verifier: keyring \/nowhere\/\.gnupg\/trustedkeys\.gpg does not exist; /,
    );
    assert.match(stdout, /^\nLooks like your keyring with trusted keys is empty\./);
    assert.match(stdout, /--keyring trustedkeys\.gpg --import\n/);
  });

  test('with other keys it names those that are missing', async (context) => {
    const mine = await signingKey('mirror');
    const home = join((await makeCommandRoot()).directory, 'gnupg');
    await mkdir(home);
    const { root, url, key } = await bench(context, { env: { GNUPGHOME: home } });
    await writeFile(join(home, 'trustedkeys.gpg'), await readFile(mine.publicPath));
    const keyId = key.fingerprint.slice(-16);

    const byDefault = await root.run('mirror', 'create', 'm1', url, 'xenial');
    const named = await root.run('mirror', 'create', '-keyring=trustedkeys.gpg', 'm1', url, 'xenial');

    assert.equal(
      byDefault.error,
      `unable to fetch mirror: ${url}dists/xenial/Release: signed by ${keyId}, not by a trusted key`,
    );
    assert.match(
      byDefault.stdout,
      new RegExp(`\\nLooks like some keys are missing in your trusted keyring[^]*--recv-keys ${keyId}\\n`),
    );
    assert.doesNotMatch(named.stdout, /Looks like/);
  });
});

describe('mirror create of a PPA', () => {
  test('takes base, distributor and codename from the configuration', async (context) => {
    const { upstream, release } = await suiteUpstream(context);
    await release('user/project/debian/dists/xenial');
    const config = {
      ppaBaseURL: upstream.url.slice(0, -1),
      ppaDistributorID: 'debian',
      ppaCodename: 'xenial',
    };
    const root = await makeCommandRoot('espejo', { config });

    const stdout = await root.output('mirror', 'create', '-ignore-signatures', 'm1', 'ppa:user/project');

    assert.match(
      stdout,
      new RegExp(`Mirror \\[m1\\]: ${upstream.url}user/project/debian/ xenial successfully added`),
    );
    const mirror = await root.withApp(({ catalog }) => catalog.objects.find('mirror', 'm1'));
    assert.deepEqual(mirror?.components, ['main']);
  });

  test('asks lsb_release for what is not configured', async (context) => {
    const { upstream, release } = await suiteUpstream(context);
    await release('user/project/mint/dists/xia');
    const config = { ppaBaseURL: upstream.url, ppaDistributorID: '' };
    const programs = join((await makeCommandRoot()).directory, 'bin');
    await mkdir(programs);
    const script = join(programs, 'lsb_release');
    await writeFile(script, '#!/bin/sh\nif [ "$1" = -si ]; then echo Mint; else echo "$CODENAME"; fi\n');
    await chmod(script, 0o755);
    const run = async (env: Readonly<Record<string, string>>): ReturnType<CommandRoot['run']> => {
      const root = await makeCommandRoot('espejo', { config, env });
      return await root.run('mirror', 'create', '-ignore-signatures', 'm1', 'ppa:user/project');
    };

    const found = await run({ PATH: `${programs}:/bin`, CODENAME: 'xia' });
    const useless = await run({ PATH: `${programs}:/bin`, CODENAME: '../x' });
    const missing = await run({ PATH: '/nowhere' });

    assert.match(found.stdout, /\/user\/project\/mint\/ xia successfully added/);
    assert.equal(useless.error, 'lsb_release -sc answers "../x"; set ppaCodename in the configuration');
    assert.equal(
      missing.error,
      'lsb_release is not on this machine; set ppaDistributorID in the configuration',
    );
    assert.equal(missing.code, 'E_TOOL_MISSING');
  });

  test('refuses another form', async () => {
    const root = await makeCommandRoot();

    const { error } = await root.run('mirror', 'create', 'm1', 'ppa:user');

    assert.equal(error, 'unable to parse ppa URL: ppa:user');
  });
});
