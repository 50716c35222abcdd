import assert from 'node:assert/strict';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { PrivateKey } from 'openpgp';
import { type App, openApp } from '../../src/app/app.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { buildServer } from '../../src/http/build-server.ts';
import { siteFacts } from '../../src/http/site.ts';
import type { SiteFacts, SiteSignature } from '../../src/http/site-facts.ts';
import { verifyAll } from '../../src/publish/verify-all.ts';
import { debFile, sourceFiles, writeFiles } from '../builders/incoming.ts';
import { makeAptClient } from '../support/apt-client.ts';
import { type CommandRoot, makeCommandRoot } from '../support/aptly-commands.ts';
import { testJob } from '../support/fetching.ts';
import { type GnupgHome, gnupgHome } from '../support/gnupg.ts';
import { makeKey } from '../support/openpgp-keys.ts';
import { clearsignWith } from '../support/openpgp-signatures.ts';
import { skipWithout } from '../support/programs.ts';
import { installKey } from '../support/signing-keys.ts';

describe('the page at / about who signed', { skip: skipWithout('gpg', '--version') }, () => {
  test('what espejo signs is by its own key', async (t) => {
    const root = await rootWith();
    const { fingerprint } = await installKey('mirror', join(root.directory, 'root/keys'));
    await root.output('publish', 'repo', '-distribution=own', 'r1');

    const { key, publications } = await factsOf(t, root);

    assert.equal(key?.fingerprint, fingerprint);
    assert.deepEqual(publications.map(shortly), [['signed', fingerprint]]);
  });

  test('what gpg signs is by its keys, also for a server that cannot ask gpg', async (t) => {
    const [one, two] = [await makeKey({ name: 'One' }), await makeKey({ name: 'Two' })];
    const home = gnupgHome('gpg', [one, two]);
    const root = await rootWith(home);
    await installKey('mirror', join(root.directory, 'root/keys'));
    await root.output('publish', 'repo', '-gpg-provider=gpg2', '-gpg-key=One', '-gpg-key=Two', 'r1');

    const { publications } = await factsOf(t, root);

    const [first, ...others] = publications.map(shortly);
    assert.deepEqual(first?.toSorted(), [...[one, two].map(fingerprintOf), 'signed'].toSorted());
    assert.deepEqual(others, []);
  });

  test('what nobody signed is unsigned, and stays so when it was signed before', async (t) => {
    const root = await rootWith();
    await installKey('mirror', join(root.directory, 'root/keys'));
    await root.output('publish', 'repo', 'r1');
    await root.output('publish', 'update', '-skip-signing', 'sid');

    const { publications } = await factsOf(t, root);

    assert.deepEqual(publications.map(shortly), [['unsigned']]);
  });

  test('the key of a tree that another program signed is looked for in gpg, and else told by its id', async (t) => {
    const key = await makeKey({ date: new Date('2020-01-01') });
    const root = await rootWith();
    await root.output('publish', 'repo', '-skip-signing', 'r1');
    await signByAnother(root, key);
    const known = gnupgHome('gpg', [key]);

    const found = await factsOf(t, root, known.env);
    const unknown = await factsOf(t, root);

    assert.deepEqual(found.publications.map(shortly), [['signed', fingerprintOf(key)]]);
    assert.deepEqual(unknown.publications.map(shortly), [['unknown', key.getKeyID().toHex().toUpperCase()]]);
  });

  test('a tree that was altered under its signature has no key that verifies it', async (t) => {
    const root = await rootWith();
    await installKey('mirror', join(root.directory, 'root/keys'));
    await root.output('publish', 'repo', 'r1');
    const path = join(root.directory, 'root/public/dists/sid/InRelease');
    await replace(path, (await readFile(path, 'utf8')).replace('Suite: sid', 'Suite: xxx'));

    const { publications } = await factsOf(t, root);

    assert.equal(publications[0]?.signature.kind, 'unknown');
  });

  for (const form of ['one line', 'deb822'] as const) {
    test(`apt follows the page by ${form}, packages and sources, without a word`, {
      skip: skipWithout('apt-get', '--version'),
    }, async (t) => {
      const home = gnupgHome('gpg', [await makeKey()]);
      const root = await rootWith(home);
      await installKey('mirror', join(root.directory, 'root/keys'));
      await root.output('publish', 'repo', '-architectures=amd64,source', '-gpg-provider=gpg2', 'r1');
      const app = await appOf(t, root);
      const server = await buildServer({
        publicDirectory: app.publicDirectory,
        site: () => siteFacts(app),
        ready: async () => ({ ready: true }),
      });
      t.after(() => server.close());
      const url = await server.listen({ port: 0, host: '127.0.0.1' });
      const page = await (await fetch(`${url}/?format=text`)).text();
      const [, keyUrl = '', keyPath = ''] = /curl -fsSL (\S+) \| sudo tee (\S+)/.exec(page) ?? [];

      const client = await makeAptClient(t, { sources: [], key: Buffer.alloc(0) });
      await rm(join(client.directory, 'etc/trusted.gpg.d/mirror.gpg'));
      const place = join(client.directory, 'key.gpg');
      await writeFile(place, Buffer.from(await (await fetch(keyUrl)).arrayBuffer()));
      const [name, text] = sourcesOf(page, form);
      await mkdir(join(client.directory, 'etc/parts'), { recursive: true });
      await writeFile(join(client.directory, 'etc/parts', name), text.replaceAll(keyPath, place));
      const update = await client.apt('update');

      assert.deepEqual([update.status, update.stderr], [0, '']);
      assert.match(update.stdout, /Sources/);
      assert.equal(await client.candidate('app'), '1');
    });
  }
});

describe('a tree that a weak key signs', { skip: skipWithout('gpg', '--version') }, () => {
  test('is published, verified and used by apt 2.6, with warnings that name the key', {
    skip: skipWithout('apt-get', '--version'),
  }, async (t) => {
    const key = await makeKey({ rsaBits: 1024 });
    const root = await rootWith(gnupgHome('gpg', [key]));
    const job = testJob();

    await root.output('publish', 'repo', '-gpg-provider=gpg2', 'r1');
    const app = await appOf(t, root);
    const verified = await verifyAll(app, [], job);
    const client = await makeAptClient(t, {
      sources: [`deb [arch=amd64] file:${app.publicDirectory} sid main`],
      key: key.toPublic().write(),
    });
    const update = await client.apt('update');

    assert.match(root.warnings().join(), new RegExp(`${fingerprintOf(key)} \\(rsa1024\\) is weak`));
    assert.equal(verified[0]?.packages, 2);
    assert.match(
      warningsIn(job),
      /sid: signed by [0-9A-F]{16}, which newer clients refuse: an RSA key of 1024/,
    );
    assert.equal(update.status, 0, update.stderr);
  });

  test('fails to verify when another key than the recorded one signed it', async (t) => {
    const root = await rootWith(gnupgHome('gpg', [await makeKey()]));
    await root.output('publish', 'repo', '-gpg-provider=gpg2', 'r1');
    const dist = join(root.directory, 'root/public/dists/sid');
    const forged = await clearsignWith(await makeKey(), await readFile(join(dist, 'Release')), new Date());
    await replace(join(dist, 'InRelease'), forged.toString());

    const verifying = verifyAll(await appOf(t, root), [], testJob());

    await assert.rejects(verifying, {
      code: 'E_VERIFY_FAILED',
      message: /InRelease: [0-9A-F]{16} unknown-key/,
    });
  });
});

function warningsIn({ events }: ReturnType<typeof testJob>): string {
  return events.map((event) => (event.type === 'warning' ? event.message : '')).join('\n');
}

function sourcesOf(page: string, form: 'one line' | 'deb822'): readonly [name: string, text: string] {
  const lines = page.split('\n').map((line) => line.trim());
  if (form === 'one line')
    return ['page.list', `${lines.filter((line) => /^deb(-src)? \[/.test(line)).join('\n')}\n`];
  const from = lines.findIndex((line) => line.startsWith('Types:'));
  return ['page.sources', `${lines.slice(from, lines.indexOf('', from)).join('\n')}\n`];
}

/** A root with a repository of one package. */
async function rootWith(home?: GnupgHome): Promise<CommandRoot> {
  const root = await makeCommandRoot('espejo', home === undefined ? {} : { env: home.env });
  await writeFiles(root.directory, {
    'in/app_1_amd64.deb': await debFile('app_1_amd64'),
    ...sourceFiles('in'),
  });
  await root.output('repo', 'create', '-distribution=sid', 'r1');
  await root.output('repo', 'add', 'r1', join(root.directory, 'in'));
  return root;
}

/** A server that sees no gpg keys unless `env` shows it some. */
async function appOf(t: TestContext, { directory }: CommandRoot, env: App['env'] = {}): Promise<App> {
  const config = await loadConfig({ env: {}, cwd: directory, explicitPath: join(directory, 'aptly.conf') });
  const app = await openApp({ config, env, lockWaitMs: 1000, report: () => undefined });
  t.after(() => app.close());
  return app;
}

async function factsOf(t: TestContext, root: CommandRoot, env?: App['env']): Promise<SiteFacts> {
  return await siteFacts(await appOf(t, root, env));
}

/** As aptly leaves a tree: signed, and nobody knows by whom. */
async function signByAnother(root: CommandRoot, key: PrivateKey): Promise<void> {
  const dist = join(root.directory, 'root/public/dists/sid');
  const content = await readFile(join(dist, 'Release'));
  await writeFile(join(dist, 'InRelease'), await clearsignWith(key, content, new Date('2021-01-01')));
  await root.withApp(async ({ catalog }) => {
    const object = await catalog.objects.find('publication', './sid');
    assert.ok(object);
    const { signingKeys: _, ...unrecorded } = object;
    await catalog.objects.change([{ save: 'publication', object: unrecorded }]);
  });
}

/** By another inode, as publishing does. */
async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

function shortly({ signature }: { readonly signature: SiteSignature }): readonly string[] {
  switch (signature.kind) {
    case 'unsigned':
      return ['unsigned'];
    case 'signed':
      return ['signed', ...signature.keys.map(({ fingerprint }) => fingerprint)];
    case 'unknown':
      return ['unknown', ...signature.keyIds];
  }
}

function fingerprintOf(key: PrivateKey): string {
  return key.getFingerprint().toUpperCase();
}
