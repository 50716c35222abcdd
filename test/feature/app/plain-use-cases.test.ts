import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { adoptAptly } from '../../../src/adopt/adopt.ts';
import type { App } from '../../../src/app/app.ts';
import { makeKey } from '../../../src/keys/own-key.ts';
import { createMirror } from '../../../src/mirror/create-mirror.ts';
import { editMirror } from '../../../src/mirror/edit-mirror.ts';
import { dropMirror, listMirrors, renameMirror, showMirror } from '../../../src/mirror/mirrors.ts';
import { planMirrors, strict, syncMirrors } from '../../../src/mirror/sync-mirrors.ts';
import { updateMirror } from '../../../src/mirror/update-mirror.ts';
import type { Job } from '../../../src/packages/events.ts';
import { searchPackages, showPackages } from '../../../src/packages/packages.ts';
import { listPublications, showPublication } from '../../../src/publish/publication-place.ts';
import { switchPublication, updatePublication } from '../../../src/publish/publish-change.ts';
import {
  publishAll,
  resume,
  rollbackOne,
  viewPublications,
} from '../../../src/publish/publish-configured.ts';
import { dropPublication } from '../../../src/publish/publish-drop.ts';
import { publishNew } from '../../../src/publish/publish-new.ts';
import { dropStagedSources, listStagedSources, stageSources } from '../../../src/publish/staged-sources.ts';
import { verifyAll } from '../../../src/publish/verify-all.ts';
import { addFiles } from '../../../src/repo/add.ts';
import { includeChanges } from '../../../src/repo/include.ts';
import { removePackages, transferPackages } from '../../../src/repo/packages.ts';
import { createRepo, dropRepo, editRepo, listRepos, renameRepo, showRepo } from '../../../src/repo/repos.ts';
import { diffSnapshots, verifySnapshot } from '../../../src/snapshot/compare.ts';
import { createSnapshot } from '../../../src/snapshot/create.ts';
import { filterSnapshot, mergeSnapshots, pullSnapshot } from '../../../src/snapshot/derive.ts';
import {
  dropSnapshot,
  listSnapshots,
  renameSnapshot,
  showSnapshot,
} from '../../../src/snapshot/snapshots.ts';
import { cleanUp } from '../../../src/upkeep/cleanup.ts';
import { cleanUpByPolicy } from '../../../src/upkeep/cleanup-by-policy.ts';
import { diskUsage } from '../../../src/upkeep/disk-usage.ts';
import { graphFacts } from '../../../src/upkeep/graph.ts';
import { listEntry, packageEntries, packageKey, uuids } from '../../builders/aptly-records.ts';
import { debFile, writeFiles } from '../../builders/incoming.ts';
import { put, writeLevelDb } from '../../builders/leveldb.ts';
import { packed } from '../../builders/msgpack.ts';
import { quietSigning as signing } from '../../builders/quiet-signing.ts';
import { suiteUpstream } from '../../builders/suite-upstream.ts';
import { signedUpload } from '../../builders/uploads.ts';
import { testDirectory } from '../../support/fetching.ts';
import { openTestApp, silentJob } from '../../support/open-test-app.ts';
import { assertPlain } from '../../support/plain-value.ts';
import { installKey } from '../../support/signing-keys.ts';

/** Asks a use-case for something, and holds both what it is asked and what it gives against {@link assertPlain}. */
type Ask = <Request, Value>(
  verb: (ports: App, request: Request, job: Job) => Promise<Value>,
  request: Request,
) => Promise<Value>;

/** A root with a key and a configured mirror and publication of the demo archive, and what asks its use-cases. */
async function makeBench(context: TestContext) {
  const directory = await testDirectory(context);
  const site = await suiteUpstream(context);
  const keys = join(directory, 'keys');
  const app = await openTestApp(join(directory, 'espejo.json'), {
    root_dir: join(directory, 'root'),
    keys: { directory: keys },
    limits: { retries: 0 },
    mirrors: {
      ours: {
        url: site.upstream.url.replace('//', '//ana:s3cret@'),
        suites: ['xenial'],
        components: ['main'],
        architectures: ['amd64'],
        keyring: site.key.publicPath,
        packages: ['Name'],
      },
    },
    publications: { ours: { prefix: 'ours', distribution: 'xenial', mirrors: ['ours'] } },
  });
  context.after(() => app.close());
  await installKey('mirror', keys);
  await writeFiles(directory, { 'in/alpha_1_amd64.deb': await debFile('alpha_1_amd64') });
  await writeFiles(
    directory,
    await signedUpload('up', { 'app_1.0_amd64.deb': await debFile('app_1.0_amd64') }),
  );
  const ask: Ask = async (verb, request) => {
    assertPlain(request, `the request of ${verb.name}`);
    const value = await verb(app, request, silentJob());
    assertPlain(value, `the value of ${verb.name}`);
    assert.doesNotMatch(JSON.stringify(value) ?? '', /s3cret/, verb.name);
    return value;
  };
  const access = { ignoreSignatures: false, keyrings: [site.key.publicPath], tries: 1 };
  return { app, ask, directory, site, access };
}

const named = { withPackages: true } as const;
const repoSettings = { comment: '', defaultDistribution: '', defaultComponent: 'main', uploaders: null };
test('use-cases of repositories and snapshots take and give plain data', async (context) => {
  const { ask, directory } = await makeBench(context);
  const from = { directory, forceReplace: false, removeFiles: false };

  await ask(createRepo, { name: 'a', ...repoSettings });
  await ask(createRepo, { name: 'b', ...repoSettings });
  await ask(editRepo, { name: 'a', changes: { uploaders: { groups: { g: ['A1'] }, rules: null } } });
  const added = await ask(addFiles, { repo: 'a', paths: ['in', 'absent.deb'], ...from });
  const verification = { ignoreSignatures: true, provider: '', keyrings: [] };
  const included = await ask(includeChanges, {
    paths: ['up'],
    acceptUnsigned: true,
    verification,
    repo: 'b',
    ...from,
  });
  await ask(transferPackages, {
    kind: 'copy',
    source: 'a',
    destination: 'b',
    queries: ['alpha'],
    dependencies: { architectures: ['amd64'] },
    dryRun: false,
  });
  await ask(createSnapshot, { name: 's', origin: { kind: 'repo', name: 'b' } });
  await ask(createSnapshot, { name: 'none', origin: { kind: 'nothing' } });
  await ask(removePackages, { name: 'b', queries: ['app'], dryRun: false });
  await ask(mergeSnapshots, { name: 'merged', sources: ['s', 'none'], keep: 'override' });
  await ask(filterSnapshot, { name: 'filtered', source: 's', queries: ['alpha'] });
  await ask(pullSnapshot, {
    into: 'none',
    from: 's',
    name: 'pulled',
    queries: ['alpha'],
    dependencies: { architectures: ['amd64'] },
    withoutDependencies: false,
    allMatches: false,
    noRemove: false,
    dryRun: false,
  });
  const differences = await ask(diffSnapshots, { left: 's', right: 'filtered' });
  const unmet = await ask(verifySnapshot, {
    name: 's',
    further: ['none'],
    dependencies: { architectures: ['amd64'] },
  });
  await ask(renameSnapshot, { from: 'pulled', to: 'p' });
  await ask(dropSnapshot, { name: 'p', force: false });
  await ask(renameRepo, { from: 'b', to: 'c' });
  await ask(dropRepo, { name: 'c', force: true });
  const repo = await ask(showRepo, { ...named, name: 'a' });
  const snapshot = await ask(showSnapshot, { ...named, name: 's' });

  assert.deepEqual(
    [added.added, added.failed.length, included.added],
    [['alpha_1_amd64'], 1, ['app_1.0_amd64']],
  );
  assert.deepEqual(
    [differences.length, unmet.length, repo.packages?.length, snapshot.packageCount],
    [1, 0, 1, 2],
  );
});

test('use-cases of mirrors, packages and upkeep take and give plain data', async (context) => {
  const { app, ask, site, access } = await makeBench(context);
  const settings = {
    filter: '',
    filterWithDeps: false,
    downloadSources: false,
    downloadUdebs: false,
    downloadInstaller: false,
    downloadAppStream: false,
  };

  await ask(createMirror, {
    ...access,
    ...settings,
    name: 'm',
    archiveRoot: site.upstream.url,
    distribution: 'xenial',
    components: ['main'],
    architectures: ['amd64'],
    skipComponentCheck: false,
    skipArchitectureCheck: false,
  });
  await ask(editMirror, { name: 'm', changes: { filter: 'Name' }, access });
  const updated = await ask(updateMirror, {
    ...access,
    name: 'm',
    force: false,
    ignoreChecksums: false,
    missing: 'fail',
    latest: false,
    skipExisting: false,
    follow: {},
    bytesPerSecond: undefined,
  });
  const found = await ask(searchPackages, { of: { kind: 'mirror', name: 'm' }, format: '{{.Package}}' });
  const shown = await ask(showPackages, { query: 'Name', withFiles: true, withReferences: true });
  await ask(renameMirror, { from: 'm', to: 'n' });
  await ask(showMirror, { ...named, name: 'n' });
  await ask(dropMirror, { name: 'n', force: true });
  const usage = await ask(diskUsage, {});
  const cleaned = await ask(cleanUp, { dryRun: false });
  const byPolicy = await ask((ports, _: object, job) => cleanUpByPolicy(ports, job), {});
  for (const list of [listMirrors, listRepos, listSnapshots, listPublications, graphFacts, makeKey])
    assertPlain(await list(app), list.name);

  assert.ok(updated.mirror.list !== null && found.length > 0 && found.length === shown.length);
  assert.deepEqual([usage.holders, cleaned.packages, byPolicy.outcome], [[], found.length, 'done']);
});

test('use-cases of publications take and give plain data', async (context) => {
  const { ask } = await makeBench(context);
  const identity = { storage: '', prefix: '.', distribution: 'x' };
  await ask(createSnapshot, { name: 's', origin: { kind: 'nothing' } });
  await ask(createSnapshot, { name: 't', origin: { kind: 'nothing' } });
  const settings = {
    distribution: 'x',
    origin: '',
    notAutomatic: '',
    butAutomaticUpgrades: '',
    label: '',
    suite: '',
    codename: '',
    version: '',
    signedBy: '',
    architectures: ['amd64'],
    skipContents: false,
    skipBz2: false,
    acquireByHash: true,
    multiDist: false,
  };
  const change = { identity, settings: {}, forceOverwrite: false, skipCleanup: false, signing };

  await ask(publishNew, {
    sourceKind: 'snapshot',
    names: ['s'],
    components: ['main'],
    location: { storage: '', prefix: '.' },
    settings,
    forceOverwrite: false,
    signing,
  });
  await ask(switchPublication, { ...change, components: ['main'], names: ['t'] });
  await ask(stageSources, { identity, change: { kind: 'add', sources: [['extra', 's']] } });
  await ask(listStagedSources, identity);
  await ask(dropStagedSources, identity);
  await ask(stageSources, { identity, change: { kind: 'add', sources: [['extra', 's']] } });
  const changed = await ask(updatePublication, change);
  await ask(showPublication, identity);
  const planned = await ask(planMirrors, { mirrors: [], force: false, relaxed: strict });
  const synced = await ask(syncMirrors, { mirrors: [], force: false, relaxed: strict });
  const published = await ask(publishAll, { publications: [], force: false });
  const again = await ask(publishAll, { publications: [], force: true });
  const verified = await ask(verifyAll, []);
  const back = await ask(rollbackOne, { publications: [], to: published[0]?.generation });
  await ask(resume, []);
  const views = await ask(viewPublications, []);
  await ask(dropPublication, { identity, force: false, skipCleanup: false });

  assert.deepEqual(
    changed.sources.map(([component, { object }]) => [component, object.name]),
    [
      ['extra', 's'],
      ['main', 't'],
    ],
  );
  assert.deepEqual(
    [synced[0]?.outcome, again[0]?.outcome, back.outcome],
    ['synced', 'published', 'published'],
  );
  assert.deepEqual(
    verified.map(({ publication }) => publication),
    ['ours', './x'],
  );
  const [file] = planned[0]?.fetchFiles ?? [];
  assert.match(file?.urls[0] ?? '', /^http:\/\/\*\*\*@127\.0\.0\.1:\d+\/pool\//);
  assert.ok((views[0]?.generations.length ?? 0) > 1);
});

test('an aptly database is taken over by a plain request, with a plain answer', async (context) => {
  const root = await testDirectory(context);
  const app = await openTestApp(join(root, 'aptly.conf'), { rootDir: root });
  context.after(() => app.close());
  const [first = ''] = uuids;
  await writeLevelDb(join(root, 'db'), {
    log: [
      ...packageEntries({ name: 'aa' }),
      put(2, `L${first}`, packed({ UUID: first, Name: 'r' })),
      listEntry(first, [packageKey({ name: 'aa' })]),
    ],
  });

  const adoption = await adoptAptly(app, {}, silentJob());

  assertPlain(adoption, 'the value of adoptAptly');
  assert.deepEqual([adoption.found.repo, adoption.packages], [1, 1]);
});
