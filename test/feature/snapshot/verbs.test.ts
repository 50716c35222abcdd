import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import type { App } from '../../../src/app/app.ts';
import { isEspejoError } from '../../../src/core/errors.ts';
import type { Event, Job } from '../../../src/packages/events.ts';
import { searchPackages, showPackages } from '../../../src/packages/packages.ts';
import { addFiles } from '../../../src/repo/add.ts';
import { removePackages, transferPackages } from '../../../src/repo/packages.ts';
import { createRepo, dropRepo } from '../../../src/repo/repos.ts';
import { diffSnapshots, verifySnapshot } from '../../../src/snapshot/compare.ts';
import { createSnapshot } from '../../../src/snapshot/create.ts';
import { filterSnapshot, mergeSnapshots, pullSnapshot } from '../../../src/snapshot/derive.ts';
import { dropSnapshot, showSnapshot } from '../../../src/snapshot/snapshots.ts';
import { writeDeb } from '../../builders/library-packages.ts';
import { openTestApp, silentJob } from '../../support/open-test-app.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const settings = { comment: '', defaultDistribution: '', defaultComponent: 'main', uploaders: null };

/** A root with a repository `base` (alpha that needs beta, and gamma) and its snapshot `s`, and an empty snapshot `none`. */
async function makeApp(): Promise<{ readonly app: App; readonly directory: string }> {
  const directory = temporaryDirectory('verbs');
  const app = await openTestApp(join(directory, 'espejo.json'), { rootDir: join(directory, 'root') });
  await writeDeb(join(directory, 'in'), 'alpha_1_amd64', { Depends: 'beta' });
  await writeDeb(join(directory, 'in'), 'beta_1_amd64');
  await writeDeb(join(directory, 'in'), 'gamma_1_all');
  await createRepo(app, { name: 'base', ...settings }, silentJob());
  const files = {
    repo: 'base',
    paths: ['in', 'absent.deb'],
    directory,
    forceReplace: false,
    removeFiles: false,
  };
  const added = await addFiles(app, structuredClone(files), silentJob());
  assert.deepEqual(added.added, ['alpha_1_amd64', 'beta_1_amd64', 'gamma_1_all']);
  assert.deepEqual(
    added.failed.map(({ path }) => path),
    ['absent.deb'],
  );
  await createSnapshot(app, { name: 's', origin: { kind: 'repo', name: 'base' } }, silentJob());
  await createSnapshot(app, { name: 'none', origin: { kind: 'nothing' } }, silentJob());
  return { app, directory };
}

function watched(): { readonly job: Job; readonly events: Event[] } {
  const events: Event[] = [];
  return { job: { ...silentJob(), report: (event) => events.push(event) }, events };
}

/** What an error says beside its message, as a log or an HTTP body carries it. */
async function refusalOf(work: Promise<unknown>) {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(isEspejoError(error));
  const { code, stage, message, context } = error;
  return { code, stage, message, context: structuredClone(context) };
}

describe('verbs of snapshots, repositories and packages', () => {
  let app: App;

  before(async () => {
    ({ app } = await makeApp());
  });

  it('take and give plain data', async () => {
    const { job, events } = watched();

    const pull = {
      into: 'none',
      from: 's',
      name: 'pulled',
      queries: ['alpha'],
      dependencies: { architectures: ['amd64'] },
      withoutDependencies: false,
      allMatches: false,
      noRemove: false,
      dryRun: false,
    };
    const pulled = structuredClone(await pullSnapshot(app, structuredClone(pull), job));

    assert.equal(
      pulled.snapshot?.description,
      "Pulled into 'none' with 's' as source, pull request was: 'alpha'",
    );
    assert.deepEqual(pulled.changes, [
      { type: 'pulled', change: 'added', package: 'alpha_1_amd64' },
      { type: 'pulled', change: 'added', package: 'beta_1_amd64' },
    ]);
    assert.deepEqual(
      structuredClone(events).map(({ type }) => type),
      [
        'pull',
        'loading',
        'dependencies-missing',
        'dependency-added',
        'dependencies-missing',
        'pulled',
        'pulled',
      ],
    );
  });

  it('derive a snapshot that names its sources', async () => {
    const filter = { source: 's', name: 'filtered', queries: ['gamma'], asked: '@file' };
    const filtered = await filterSnapshot(app, filter, silentJob());
    const merged = await mergeSnapshots(
      app,
      { name: 'merged', sources: ['none', 'filtered'], keep: 'all' },
      silentJob(),
    );
    const { packages, sources } = await showSnapshot(app, { name: 'merged', withPackages: true });

    assert.equal(filtered.description, "Filtered 's', query was: '@file'");
    assert.deepEqual(merged.sourceKind, 'snapshot');
    assert.deepEqual(
      sources.map(({ kind, object }) => `${kind} ${object.name}`),
      ['snapshot none', 'snapshot filtered'],
    );
    assert.deepEqual(packages, [{ name: 'gamma', version: '1', architecture: 'all' }]);
  });

  it('compare', async () => {
    const differences = await diffSnapshots(app, { left: 's', right: 'none' });
    const lacking = { name: 's', further: ['none'], dependencies: {} };

    assert.deepEqual(
      differences.map(({ kind, name, versions }) => [kind, name, ...versions]),
      [
        ['removed', 'gamma', '1', undefined],
        ['removed', 'alpha', '1', undefined],
        ['removed', 'beta', '1', undefined],
      ],
    );
    assert.deepEqual(await verifySnapshot(app, lacking, silentJob()), []);
  });

  it('move packages between repositories and find them', async () => {
    await createRepo(app, { name: 'other', ...settings, snapshot: 's' }, silentJob());
    const removal = { name: 'other', queries: ['alpha | beta'], dryRun: false };
    const removed = await removePackages(app, removal, silentJob());
    const copy = {
      kind: 'copy',
      source: 'base',
      destination: 'other',
      queries: ['beta'],
      dryRun: true,
    } as const;
    const copied = await transferPackages(app, copy, silentJob());
    const of = { kind: 'repo', name: 'other' } as const;
    const found = await searchPackages(app, { of, format: '{{.Package}}/{{.Version}}' }, silentJob());
    const [shown] = await showPackages(app, { query: 'gamma', withFiles: true, withReferences: true });

    assert.deepEqual(removed, ['alpha_1_amd64', 'beta_1_amd64']);
    assert.deepEqual(copied, ['beta_1_amd64']);
    assert.deepEqual(
      found.map(({ label, text }) => [label, text]),
      [['gamma_1_all', 'gamma/1']],
    );
    assert.equal(shown?.files?.length, 1);
    assert.ok(shown.references?.some(({ kind, object }) => kind === 'repo' && object.name === 'other'));
  });

  it('refuse with a code, a stage and who is in the way', async () => {
    const gone = { name: 'x', sources: ['nowhere'], keep: 'all' } as const;
    const taken = { name: 's', sources: ['none'], keep: 'all' } as const;
    const asked = { source: 's', name: 'x', queries: ['a ('] };
    await mergeSnapshots(app, { name: 'made-of-s', sources: ['s'], keep: 'all' }, silentJob());

    const notFound = await refusalOf(mergeSnapshots(app, gone, silentJob()));
    const nameTaken = await refusalOf(mergeSnapshots(app, taken, silentJob()));
    const notRead = await refusalOf(filterSnapshot(app, asked, silentJob()));
    const repoInUse = await refusalOf(dropRepo(app, { name: 'base', force: false }, silentJob()));
    const inUse = await refusalOf(dropSnapshot(app, { name: 'none', force: false }, silentJob()));

    assert.deepEqual([notFound.code, notFound.stage], ['E_OBJECT_NOT_FOUND', 'find']);
    assert.deepEqual([nameTaken.code, nameTaken.stage], ['E_NAME_TAKEN', 'save']);
    assert.deepEqual([notRead.code, notRead.stage], ['E_QUERY_SYNTAX', 'read']);
    assert.equal(repoInUse.code, 'E_OBJECT_IN_USE');
    assert.deepEqual(repoInUse.context, {
      kind: 'repo',
      name: 'base',
      usedBy: [{ kind: 'snapshot', name: 's', text: '[s]: Snapshot from local repo [base]' }],
    });
    assert.deepEqual(
      (inUse.context['usedBy'] as readonly { readonly name: string }[]).map(({ name }) => name),
      ['merged', 'pulled'],
    );
  });
});
