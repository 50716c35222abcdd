import assert from 'node:assert/strict';
import { cp, mkdir, readdir, readlink, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import type { App } from '../../../src/app/app.ts';
import { isEspejoError } from '../../../src/core/errors.ts';
import type { Signer } from '../../../src/openpgp/contract.ts';
import { switchPublication, updatePublication } from '../../../src/publish/publish-change.ts';
import { dropPublication } from '../../../src/publish/publish-drop.ts';
import { publishNew } from '../../../src/publish/publish-new.ts';
import { verifyAll } from '../../../src/publish/verify-all.ts';
import { writeDeb } from '../../builders/library-packages.ts';
import { quietSigning as byOwnKey } from '../../builders/quiet-signing.ts';
import { type CommandRoot, makeCommandRoot } from '../../support/aptly-commands.ts';
import { counting } from '../../support/counting.ts';
import { listFiles, quietJob } from '../../support/publishing.ts';
import { installKey } from '../../support/signing-keys.ts';
import { quickDirectory } from '../../support/temporary-directory.ts';

/** How a run goes wrong: one call fails, or the process is as good as dead from then on. */
const ways = ['fails', 'dies'] as const;

describe('publish repo, switch, update and drop', () => {
  let root: CommandRoot;
  let signer: Signer;
  let runs = 0;
  const at = (path: string): string => join(root.directory, 'root', path);

  before(async () => {
    root = await makeCommandRoot('espejo', { parent: quickDirectory });
    ({ signer } = await installKey('publisher', at('keys')));
    const debs = ['alpha_1_amd64', 'beta_1_all', 'alpha_2_amd64'].map((label) =>
      writeDeb(join(root.directory, 'debs'), label),
    );
    const [alpha = '', beta = '', newer = ''] = await Promise.all(debs);
    await root.output('repo', 'create', '-distribution=stable', 'r');
    await root.output('repo', 'add', 'r', alpha, beta);
    await root.output('snapshot', 'create', 's1', 'from', 'repo', 'r');
    await root.output('repo', 'remove', 'r', 'alpha');
    await root.output('repo', 'add', 'r', newer);
    await root.output('snapshot', 'create', 's2', 'from', 'repo', 'r');
    await mkdir(at('public'));
    await keep('unpublished');
    await root.output('publish', 'snapshot', '-distribution=stable', '-acquire-by-hash', 's1');
    await keep('published');
    await becomeForeign();
    await keep('foreign');
  });

  const keep = (state: string): Promise<void> =>
    cp(at('.'), join(root.directory, state), { recursive: true, verbatimSymlinks: true });

  async function bring(state: string): Promise<void> {
    await rm(at('.'), { recursive: true });
    await cp(join(root.directory, state), at('.'), { recursive: true, verbatimSymlinks: true });
  }

  /** What aptly leaves: a directory, and a publication that is in the catalog by import alone. */
  async function becomeForeign(): Promise<void> {
    const target = join(at('public/dists'), await readlink(at('public/dists/stable')));
    await root.withApp(async ({ catalog }) => {
      const object = await catalog.objects.find('publication', './stable');
      assert.ok(object);
      await catalog.dropPublication('./stable');
      await catalog.objects.change([{ save: 'publication', object }]);
    });
    await rm(at('public/dists/stable'));
    await rename(target, at('public/dists/stable'));
    await rm(at('public/dists/.espejo'), { recursive: true });
  }

  const change = {
    identity: { storage: '', prefix: '.', distribution: 'stable' },
    settings: {},
    forceOverwrite: false,
    skipCleanup: false,
    signing: byOwnKey,
  };
  const create = (app: App): Promise<unknown> =>
    publishNew(
      app,
      {
        ...change,
        sourceKind: 'snapshot',
        names: ['s2'],
        components: [''],
        location: { storage: '', prefix: '.' },
        settings: { ...plain, distribution: 'stable' },
      },
      quietJob,
    );
  /** The next run finds what was whole when the run died, and saves it. */
  const createUnlessMade = async (app: App): Promise<void> => {
    const error: unknown = await create(app).catch((thrown: unknown) => thrown);
    if (isEspejoError(error, 'E_NAME_TAKEN')) await again(app);
    else if (error instanceof Error) throw error;
  };
  const turn = (app: App): Promise<unknown> =>
    switchPublication(app, { ...change, components: [''], names: ['s2'] }, quietJob);
  const again = (app: App): Promise<unknown> => updatePublication(app, change, quietJob);
  const drop = (app: App): Promise<unknown> =>
    dropPublication(app, { identity: change.identity, force: false, skipCleanup: false }, quietJob);

  /** Each run is a minute after the one before, as none may have the Date of another. */
  const run = <Result>(work: (app: App) => Promise<Result>): Promise<Result> => {
    runs += 1;
    const now = new Date(Date.now() + runs * 60_000);
    return root.withApp((app) => work({ ...app, now: () => now }));
  };

  /** Runs `work` with a fault at the call `step` of a collaborator. */
  async function spoilt(
    work: (app: App) => Promise<unknown>,
    step: number,
    way: (typeof ways)[number],
  ): Promise<'failed' | 'survived'> {
    let left = step;
    const count = (): void => {
      left -= 1;
      if (left === -1 || (left < 0 && way === 'dies')) throw new Error('killed');
    };
    const spoil: Spoil = (target) => counting(target, count);
    return await run(async (app) => {
      try {
        const endpoints = { of: (storage: string) => spoil(app.endpoints.of(storage)) };
        const signerFor = async (): Promise<Signer> => spoil(signer);
        const spoilt = { catalog: spoil(app.catalog), pool: spoil(app.pool), endpoints, signerFor };
        await work({ ...app, ...spoilt });
        return left < 0 ? 'failed' : 'survived';
      } catch (error) {
        assert.match(String(error), /killed/);
        return 'failed';
      }
    });
  }

  async function assertFinished(packages: readonly string[]): Promise<void> {
    await root.withApp((app) => verifyAll(app, ['./stable'], quietJob));
    const generations = await readdir(at('public/dists/.espejo/stable'));
    assert.equal(generations.length, 1);
    assert.deepEqual((await readdir(at('public/dists'))).toSorted(), ['.espejo', 'stable']);
    assert.deepEqual(await listFiles(at('public/pool')), packages);
  }

  const newPackages = ['main/a/alpha/alpha_2_amd64.deb', 'main/b/beta/beta_1_all.deb'];
  const published = (): Promise<string> => root.output('publish', 'list', '-raw');

  for (const way of ways) {
    it(`a first publication that ${way} at any step is whole or nothing`, async () => {
      let step = 0;
      for (; ; step += 1) {
        await bring('unpublished');
        if ((await spoilt(create, step, way)) === 'survived') break;
        const isThere = (await published()) !== '';
        if (isThere) await root.withApp((app) => verifyAll(app, ['./stable'], quietJob));
        else if (way === 'fails') assert.deepEqual(await listFiles(at('public')), [], `step ${step}`);

        await run((app) => (isThere ? again(app) : createUnlessMade(app)));

        await assertFinished(newPackages);
      }

      assert.ok(step > 12, `${step} steps`);
    });
  }

  for (const { state, way } of [
    { state: 'published', way: 'fails' },
    { state: 'foreign', way: 'dies' },
  ] as const) {
    it(`a switch that ${way} at any step leaves a whole tree (${state})`, async () => {
      let step = 0;
      for (; ; step += 1) {
        await bring(state);
        if ((await spoilt(turn, step, way)) === 'survived') break;
        await root.withApp((app) => verifyAll(app, ['./stable'], quietJob));

        await run((app) => turn(app));

        await assertFinished(newPackages);
      }

      assert.ok(step > 12, `${step} steps`);
    });
  }

  it('a drop that dies at any step is finished by the next', async () => {
    let step = 0;
    for (; ; step += 1) {
      await bring('published');
      if ((await spoilt(drop, step, 'dies')) === 'survived') break;

      if ((await published()) !== '') await root.output('publish', 'drop', 'stable');

      assert.deepEqual([await published(), await listFiles(at('public'))], ['', []]);
    }

    assert.ok(step > 2, `${step} steps`);
  });

  it('signing that fails leaves nothing, and what was published as it was', async () => {
    await bring('published');
    const before = await listFiles(at('public'));
    const noSigner = async (): Promise<Signer> =>
      counting(signer, () => {
        throw new Error('no key');
      });

    await assert.rejects(
      root.withApp((app) => turn({ ...app, signerFor: noSigner })),
      /no key/,
    );

    assert.deepEqual(await listFiles(at('public')), before);
    await bring('unpublished');
    await assert.rejects(
      root.withApp((app) => create({ ...app, signerFor: noSigner })),
      /no key/,
    );
    assert.deepEqual([await published(), await listFiles(at('public'))], ['', []]);
  });

  it('a file that the pool lost is named, and nothing is changed', async () => {
    await bring('published');
    const before = await listFiles(at('public'));
    const lost = (await listFiles(at('pool'))).find((path) => path.includes('alpha_2')) ?? '';
    await rm(at(join('pool', lost)));

    const { error, code } = await root.run('publish', 'switch', 'stable', 's2');

    assert.equal(code, 'E_POOL_MISSING');
    assert.match(error ?? '', /^unable to publish: .*alpha_2_amd64\.deb: is missing or damaged$/);
    assert.deepEqual(await listFiles(at('public')), before);
    await root.withApp((app) => verifyAll(app, ['./stable'], quietJob));
  });

  it('an endpoint that cannot be written is named, and no record is left', async () => {
    await bring('unpublished');
    const file = join(root.directory, 'file');
    await writeFile(file, '');
    const other = await makeCommandRoot('espejo', {
      config: {
        rootDir: at('.'),
        FileSystemPublishEndpoints: { no: { rootDir: join(file, 'below'), linkMethod: 'copy' } },
      },
    });

    const { error } = await other.run('publish', 'snapshot', '-distribution=x', 's1', 'filesystem:no:');

    assert.match(error ?? '', /^unable to publish: .*file\/below/);
    assert.equal(await other.output('publish', 'list', '-raw'), '');
    assert.deepEqual(await other.withApp(({ catalog }) => catalog.publications()), []);
  });

  it('what is published cannot be dropped, not even with -force', async () => {
    await bring('published');
    await mkdir(at('skel'), { recursive: true });
    await root.output('publish', 'repo', '-distribution=other', 'r');

    const errors = [
      (await root.run('snapshot', 'drop', '-force', 's1')).error,
      (await root.run('repo', 'drop', '-force', 'r')).error,
    ];

    assert.deepEqual(errors, [
      'unable to drop: snapshot is published',
      'unable to drop: local repo is published',
    ]);
  });
});

type Spoil = <Target extends object>(target: Target) => Target;

const plain = {
  origin: '',
  notAutomatic: '',
  butAutomaticUpgrades: '',
  label: '',
  suite: '',
  codename: '',
  version: '',
  signedBy: '',
  architectures: [],
  skipContents: true,
  skipBz2: true,
  acquireByHash: true,
  multiDist: false,
};
