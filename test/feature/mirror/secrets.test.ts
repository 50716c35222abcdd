import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { adoptAptly } from '../../../src/adopt/adopt.ts';
import { listMirrors, showMirror } from '../../../src/mirror/mirrors.ts';
import { searchPackages, showPackages } from '../../../src/packages/packages.ts';
import { listPublications, showPublication } from '../../../src/publish/publication-place.ts';
import { listRepos, showRepo } from '../../../src/repo/repos.ts';
import { listSnapshots, showSnapshot } from '../../../src/snapshot/snapshots.ts';
import { cleanUp } from '../../../src/upkeep/cleanup.ts';
import { diskUsage } from '../../../src/upkeep/disk-usage.ts';
import { graphFacts } from '../../../src/upkeep/graph.ts';
import { listEntry, packageEntries, packageKey, uuids } from '../../builders/aptly-records.ts';
import { put, writeLevelDb } from '../../builders/leveldb.ts';
import { packed } from '../../builders/msgpack.ts';
import { type SuiteUpstream, suiteUpstream } from '../../builders/suite-upstream.ts';
import { type CommandRoot, makeCommandRoot } from '../../support/aptly-commands.ts';
import { testDirectory, testJob } from '../../support/fetching.ts';
import { openTestApp } from '../../support/open-test-app.ts';
import { assertPlain } from '../../support/plain-value.ts';

const secret = 's3cret';
const [first = '', second = ''] = uuids;

type Bench = SuiteUpstream & { readonly root: CommandRoot; readonly url: string; readonly secretUrl: string };

async function bench(
  context: TestContext,
  options: { config?: object; env?: Record<string, string> } = {},
): Promise<Bench> {
  const site = await suiteUpstream(context);
  const root = await makeCommandRoot('espejo', {
    ...options,
    config: { limits: { retries: 0 }, ...options.config },
  });
  const { url } = site.upstream;
  return { ...site, root, url, secretUrl: url.replace('//', `//ana:${secret}@`) };
}

/** The users and passwords that the upstream was told. */
function told({ upstream }: Bench): ReadonlySet<string> {
  return new Set(
    upstream.requests.map(({ headers }) =>
      Buffer.from(headers.authorization?.slice(6) ?? '', 'base64').toString(),
    ),
  );
}

/** What everything that shows objects prints. */
async function shown(root: CommandRoot): Promise<string> {
  const commands = [
    'mirror list',
    'mirror list -raw',
    'mirror list -json',
    'mirror show m',
    'mirror show -json m',
    'mirror search m',
    'snapshot list',
    'snapshot list -json',
    'snapshot show s',
    'snapshot show -json s',
    'snapshot show -with-packages s',
    'publish list',
    'publish list -json',
    'publish show x',
    'publish show -json x',
    'publish source list x',
    'graph -format=dot -output=g.dot',
    'graph -format=text',
    'package show -with-references Name',
    'config show',
    'config show -yaml',
    'mirror drop m',
    'snapshot drop s',
    'snapshot rename nope s2',
  ];
  const outputs: string[] = [];
  for (const command of commands) {
    const { stdout, error } = await root.run(...command.split(' '));
    outputs.push(`${command}\n${stdout}${error ?? ''}`);
  }
  return [...outputs, ...root.warnings()].join('\n');
}

describe('the password of an archive', () => {
  test('is kept apart from the URL, used for that archive, and shown by no command', async (context) => {
    const made = await bench(context);
    const { root, key, secretUrl, url } = made;
    const keyring = `-keyring=${key.publicPath}`;

    const created = await root.output('mirror', 'create', keyring, 'm', secretUrl, 'xenial', 'main');
    const edited = await root.output('mirror', 'edit', keyring, `-archive-url=${secretUrl}`, 'm');
    const updated = await root.output('mirror', 'update', keyring, 'm');
    await root.output('snapshot', 'create', 's', 'from', 'mirror', 'm');
    await root.output('publish', 'snapshot', '-skip-signing', '-distribution=x', 's');

    const mirror = await root.withApp(({ catalog }) => catalog.objects.find('mirror', 'm'));
    assert.deepEqual([mirror?.archiveRoot, mirror?.credentials], [url, { user: 'ana', password: secret }]);
    assert.deepEqual([...told(made)], [`ana:${secret}`]);
    assert.doesNotMatch(created + edited + updated + (await shown(root)), new RegExp(secret));
  });

  test('is in no value of a use-case, and all of them are plain data', async (context) => {
    const { root, key, secretUrl } = await bench(context);
    const keyring = `-keyring=${key.publicPath}`;
    await root.output('mirror', 'create', keyring, 'm', secretUrl, 'xenial', 'main');
    await root.output('mirror', 'update', keyring, 'm');
    await root.output('snapshot', 'create', 's', 'from', 'mirror', 'm');
    await root.output('repo', 'create', 'r');
    await root.output('publish', 'snapshot', '-skip-signing', '-distribution=x', 's');
    const named = { name: 'm', withPackages: true };
    const identity = { storage: '', prefix: '.', distribution: 'x' };
    const packages = { query: 'Name', withFiles: true, withReferences: true };

    const values = await root.withApp(async (app) => ({
      listMirrors: await listMirrors(app),
      showMirror: await showMirror(app, named),
      listSnapshots: await listSnapshots(app),
      showSnapshot: await showSnapshot(app, { ...named, name: 's' }),
      listRepos: await listRepos(app),
      showRepo: await showRepo(app, { ...named, name: 'r' }),
      listPublications: await listPublications(app),
      showPublication: await showPublication(app, identity),
      showPackages: await showPackages(app, packages),
      searchPackages: await searchPackages(app, { of: { kind: 'mirror', name: 'm' } }, testJob()),
      graphFacts: await graphFacts(app),
      diskUsage: await diskUsage(app, {}, testJob()),
      cleanUp: await cleanUp(app, { dryRun: true }, testJob()),
    }));

    for (const [verb, value] of Object.entries(values)) {
      assertPlain(value, verb);
      assert.doesNotMatch(JSON.stringify(value), new RegExp(secret), verb);
    }
    assert.ok(values.graphFacts.mirror.length === 1 && values.showSnapshot.sources.length === 1);
    assert.deepEqual(
      values.showPackages[0]?.references?.map(({ kind }) => kind),
      ['mirror', 'snapshot'],
    );
  });

  test('goes with a new URL that has none, as in aptly', async (context) => {
    const { root, key, secretUrl, url } = await bench(context);
    await root.output('mirror', 'create', `-keyring=${key.publicPath}`, 'm', secretUrl, 'xenial');

    await root.output('mirror', 'edit', `-keyring=${key.publicPath}`, `-archive-url=${url}`, 'm');

    const mirror = await root.withApp(({ catalog }) => catalog.objects.find('mirror', 'm'));
    assert.equal(mirror?.credentials, undefined);
  });

  test('is in no error of a URL that cannot be used', async (context) => {
    const { root, upstream } = await bench(context);
    const errors: string[] = [];
    for (const url of [
      `ana:${secret}@host/debian`,
      `//ana:${secret}@host/debian`,
      `ftp://ana:${secret}@host/debian`,
      `http://ana:x/${secret}@host/debian`,
      `http://ana:${secret}@127.0.0.1:1/`,
      `http://ana:${secret}@host:99999/`,
      upstream.url.replace('//', `//ana:${secret}@`),
    ])
      errors.push((await root.run('mirror', 'create', '-ignore-signatures', 'm', url, 'nope')).error ?? '');

    assert.ok(errors.every((error) => error !== ''));
    assert.doesNotMatch(errors.join('\n'), new RegExp(secret));
  });

  test('that an older catalog has in its URL, and in descriptions, is separated when it is read', async (context) => {
    const made = await bench(context);
    const { root, key, secretUrl, url } = made;
    await root.output('mirror', 'create', `-keyring=${key.publicPath}`, 'm', url, 'xenial', 'main');
    await root.output('mirror', 'update', `-keyring=${key.publicPath}`, 'm');
    await root.output('snapshot', 'create', 's', 'from', 'mirror', 'm');
    await root.withApp(async ({ catalog: { objects } }) => {
      const mirror = await objects.find('mirror', 'm');
      const snapshot = await objects.find('snapshot', 's');
      assert.ok(mirror && snapshot);
      const description = `Snapshot from mirror [m]: ${secretUrl} xenial`;
      await objects.change([
        { save: 'mirror', object: { ...mirror, archiveRoot: secretUrl } },
        { save: 'snapshot', object: { ...snapshot, description } },
      ]);
    });
    made.upstream.forget();

    const updated = await root.output('mirror', 'update', `-keyring=${key.publicPath}`, 'm');

    assert.deepEqual([...told(made)], [`ana:${secret}`]);
    assert.doesNotMatch(updated + (await shown(root)), new RegExp(secret));
  });

  test('that an aptly database has is taken over apart', async (context) => {
    const root = await testDirectory(context);
    const app = await openTestApp(join(root, 'aptly.conf'), { rootDir: root });
    context.after(() => app.close());
    const url = `https://ana:${secret}@host/debian/`;
    const snapshot = {
      UUID: second,
      Name: 's',
      SourceKind: 'repo',
      SourceIDs: [first],
      Description: `Snapshot from mirror [m]: ${url} sid`,
    };
    await writeLevelDb(join(root, 'db'), {
      log: [
        ...packageEntries({ name: 'aa' }),
        put(2, `R${first}`, packed({ UUID: first, Name: 'm', ArchiveRoot: url, Distribution: 'sid' })),
        put(3, `S${second}`, packed(snapshot)),
        listEntry(second, [packageKey({ name: 'aa' })]),
      ],
    });

    await adoptAptly(app, {}, testJob());

    const mirror = await app.catalog.objects.find('mirror', 'm');
    const made = await app.catalog.objects.find('snapshot', 's');
    assert.deepEqual(
      [mirror?.archiveRoot, mirror?.credentials],
      ['https://host/debian/', { user: 'ana', password: secret }],
    );
    assert.equal(made?.description, 'Snapshot from mirror [m]: https://***@host/debian/ sid');
  });

  test('is read from auth_file, ESPEJO_AUTH_FILE or ESPEJO_AUTH when the URL has none', async (context) => {
    const directory = await testDirectory(context);
    const path = join(directory, 'auth.conf');
    for (const way of ['config', 'file', 'text'] as const) {
      const env: Record<string, string> = {};
      const made = await bench(context, { config: way === 'config' ? { auth_file: path } : {}, env });
      const entry = `machine ${new URL(made.url).host} login ana password ${secret}\n`;
      await writeFile(path, entry);
      if (way === 'file') env['ESPEJO_AUTH_FILE'] = path;
      if (way === 'text') env['ESPEJO_AUTH'] = entry;

      await made.root.output('mirror', 'create', `-keyring=${made.key.publicPath}`, 'm', made.url, 'xenial');

      assert.deepEqual([...told(made)], [`ana:${secret}`], way);
    }
  });
});

test('the secrets of storages are not shown by config show', async () => {
  const config = {
    S3PublishEndpoints: {
      a: { bucket: 'b', awsAccessKeyID: 'id', awsSecretAccessKey: secret, awsSessionToken: secret },
    },
    SwiftPublishEndpoints: { a: { osname: 'n', password: secret } },
    AzurePublishEndpoints: { a: { accountName: 'n', accountKey: secret } },
    GcsPublishEndpoints: { a: { serviceAccountJSON: `{"private_key": "${secret}"}`, encryptionKey: secret } },
    JFrogPublishEndpoints: {
      a: { url: `https://u:${secret}@h/`, password: secret, apiKey: secret, accessToken: secret },
    },
    databaseBackend: { type: 'leveldb', url: `http://u:${secret}@h/` },
    ppaBaseURL: `http://u:${secret}@ppa.example`,
  };
  const root = await makeCommandRoot('espejo', { config });

  const shown = (await root.output('config', 'show')) + (await root.output('config', 'show', '-yaml'));

  assert.doesNotMatch(shown, new RegExp(secret));
  assert.match(shown, /"awsSecretAccessKey": "\*\*\*"/);
  assert.match(shown, /"awsAccessKeyID": "id"/);
});
