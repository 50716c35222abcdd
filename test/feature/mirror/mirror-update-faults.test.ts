import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { EspejoError } from '../../../src/core/errors.ts';
import { updateMirror } from '../../../src/mirror/update-mirror.ts';
import type { UpdateRequest } from '../../../src/mirror/update-request.ts';
import { imagesOf } from '../../builders/rich-archive.ts';
import { type UpdateBench, updateBench } from '../../builders/update-bench.ts';
import { whileHeld, withoutHolder } from '../../support/held-mirror.ts';
import type { ArchivePlan } from '../../support/oracle/make-archive.ts';
import { signingKey } from '../../support/signing-keys.ts';

const first: ArchivePlan = {
  indexes: { 'main/binary-amd64': { 'app_1.0_amd64': {}, 'lib_1.0_amd64': {} } },
};
const second: ArchivePlan = {
  indexes: { 'main/binary-amd64': { 'app_1.1_amd64': {}, 'lib_1.1_amd64': {}, docs_2_all: {} } },
};

/** A mirror of the first state, before the archive has the second. */
async function benchOf(context: TestContext, config: object = {}): Promise<UpdateBench> {
  const bench = await updateBench(context, first, config);
  await bench.create();
  await bench.output('mirror', 'update', 'm');
  await bench.serve(second);
  bench.upstream.forget();
  return bench;
}

async function assertAsBefore(bench: UpdateBench): Promise<void> {
  assert.deepEqual(await bench.packages(), ['app_1.0_amd64', 'lib_1.0_amd64']);
  assert.doesNotMatch(await bench.output('mirror', 'show', 'm'), /In Update/);
}

describe('mirror update: an archive that fails', () => {
  test('lists every file that did not come; the others are not fetched again', async (context) => {
    const bench = await benchOf(context);
    const { url } = bench.upstream;
    bench.upstream.fault('/pool/app_1.1_amd64.deb', { kind: 'status', status: 404 }, 1);
    bench.upstream.fault('/pool/lib_1.1_amd64.deb', { kind: 'wrong-bytes' }, 1);

    const error = await failure(bench);

    assert.equal(error.message, 'download errors:');
    assert.match(
      error.details.toSorted().join('\n'),
      new RegExp(
        `^HTTP code 404 while fetching ${url}pool/app_1.1_amd64.deb\n${url}pool/lib_1.1_amd64.deb: sha256 hash mismatch "[0-9a-f]{64}" != "[0-9a-f]{64}"$`,
      ),
    );
    await assertAsBefore(bench);
    bench.upstream.forget();
    assert.match(await bench.output('mirror', 'update', 'm'), /Download queue: 2 items/);
    assert.equal(bench.upstream.count('/pool/docs_2_all.deb'), 0);
    assert.deepEqual(await bench.packages(), ['docs_2_all', 'app_1.1_amd64', 'lib_1.1_amd64']);
    assert.deepEqual(bench.leftovers(), []);
  });

  test('goes on in the next run where a file ended', async (context) => {
    const bench = await benchOf(context);
    bench.upstream.fault('/pool/app_1.1_amd64.deb', { kind: 'cut', after: 100 }, 1);
    await failure(bench);
    bench.upstream.forget();

    await bench.output('mirror', 'update', 'm');

    const [request] = bench.upstream.requests.filter(({ path }) => path === '/pool/app_1.1_amd64.deb');
    assert.equal(request?.headers.range, 'bytes=100-');
    assert.deepEqual(bench.leftovers(), []);
  });

  test('has an index that is not the listed one', async (context) => {
    const bench = await benchOf(context);
    for (const form of ['Packages', 'Packages.gz'])
      bench.upstream.fault(`/dists/xenial/main/binary-amd64/${form}`, { kind: 'wrong-bytes' });

    const { error } = await bench.run('mirror', 'update', 'm');

    assert.match(error ?? '', /^unable to update: \S+Packages(\.gz)?: sha256 hash mismatch/);
    await assertAsBefore(bench);
  });

  test('has an index in another form than a spoilt one', async (context) => {
    const bench = await benchOf(context);
    bench.upstream.fault('/dists/xenial/main/binary-amd64/Packages.gz', { kind: 'status', status: 404 });

    await bench.output('mirror', 'update', 'm');

    assert.deepEqual(await bench.packages(), ['docs_2_all', 'app_1.1_amd64', 'lib_1.1_amd64']);
  });

  test('is stopped by a signal: unlocked, and what came is kept', async (context) => {
    const bench = await benchOf(context, { downloadConcurrency: 1 });
    const stop = new AbortController();
    bench.upstream.files.set('/pool/docs_2_all.deb', (_, response) => {
      response.writeHead(200, { 'content-length': '1000000' });
      response.write('x'.repeat(10));
      stop.abort();
    });

    const error = await failure(bench, { signal: stop.signal });

    assert.equal(error.code, 'E_ABORTED');
    await assertAsBefore(bench);
  });
});

describe('mirror update: hostile archives', () => {
  const hostile = {
    'a path that leaves the archive': ['Filename: pool/app', 'Filename: ../../pool/app', /refused/],
    'an absolute path that leaves it': ['Filename: pool/app', 'Filename: /../pool/app', /refused/],
    'a size that is none': [/Size: \d+/, 'Size: -1', /is not a size/],
    'a digest that is none': [/SHA256: ../, 'SHA256: zz', /is not a SHA256 digest/],
    'a name that is none': ['Package: app', 'Package: ../app', /is not a package name/],
    'an architecture that is none': ['Architecture: amd64', 'Architecture: a/b', /is not an architecture/],
  } as const;

  for (const [name, [found, replaced, message]] of Object.entries(hostile)) {
    test(name, async (context) => {
      const bench = await benchOf(context);
      const index = String(bench.upstream.files.get('/dists/xenial/main/binary-amd64/Packages'));
      const app = index.split('\n\n').find((one) => one.startsWith('Package: app')) ?? '';
      await bench.serve({
        indexes: {},
        fields: { architectures: ['amd64'], components: ['main'] },
        files: { 'main/binary-amd64/Packages': app.replace(found, replaced) },
      });
      const before = bench.pool();

      const { error } = await bench.run('mirror', 'update', 'm');

      assert.match(error ?? '', message);
      await assertAsBefore(bench);
      assert.deepEqual(bench.pool(), before);
    });
  }

  test('an index that inflates beyond all bounds', async (context) => {
    const bench = await benchOf(context, { limits: { retries: 0, index_size: '1MiB' } });
    await bench.serve({
      indexes: {},
      fields: { architectures: ['amd64'], components: ['main'] },
      files: { 'main/binary-amd64/Packages.gz': gzipSync(Buffer.alloc(2 ** 24)) },
    });

    const { error } = await bench.run('mirror', 'update', 'm');

    assert.match(error ?? '', /inflates to more than 1048576 bytes/);
    await assertAsBefore(bench);
  });
});

describe('mirror update: the lock of a mirror', () => {
  test('keeps others out while it is held, unless forced', async (context) => {
    const bench = await benchOf(context);

    const { refused, forced } = await whileHeld(
      join(bench.directory, 'root'),
      await bench.mirror(),
      async () => ({
        refused: await bench.run('mirror', 'update', 'm'),
        forced: await bench.run('mirror', 'update', '-force', 'm'),
      }),
    );

    assert.equal(
      withoutHolder(refused.error),
      `unable to update: mirror is locked by update operation, PID ${process.pid}`,
    );
    assert.equal(forced.error, undefined);
    assert.match(forced.stdout, /WARNING: the mirror is being updated by process \d+ on .+, too/);
    assert.deepEqual(await bench.packages(), ['docs_2_all', 'app_1.1_amd64', 'lib_1.1_amd64']);
  });

  test('an upstream that changes between Release and indexes is read again, once', async (context) => {
    const bench = await benchOf(context);
    const path = '/dists/xenial/Release';
    await bench.serve({ indexes: { 'main/binary-amd64': { 'app_0.9_amd64': {} } } });
    const stale = bench.upstream.files.get(path);
    await bench.serve(second);
    const fresh = bench.upstream.files.get(path);
    assert.ok(fresh !== undefined && stale !== undefined);
    bench.upstream.files.set(path, (_, response) => {
      bench.upstream.files.set(path, fresh);
      response.end(stale);
    });

    await bench.output('mirror', 'update', 'm');

    assert.match(bench.warnings().join(), /the upstream has changed meanwhile, reading it again/);
    assert.deepEqual(await bench.packages(), ['docs_2_all', 'app_1.1_amd64', 'lib_1.1_amd64']);
    assert.equal(bench.upstream.count(path), 2);
  });

  test('a file of the pool that goes during the download fails the update, and the next one fetches it', async (context) => {
    const bench = await benchOf(context);
    await bench.serve({
      indexes: { 'main/binary-amd64': { 'app_1.0_amd64': {}, 'lib_1.1_amd64': {} } },
    });
    const [kept = ''] = bench.pool().filter((path) => path.endsWith('app_1.0_amd64.deb'));
    const deb = bench.upstream.files.get('/pool/lib_1.1_amd64.deb');
    bench.upstream.files.set('/pool/lib_1.1_amd64.deb', (_, response) => {
      rmSync(join(bench.directory, 'root/pool', kept));
      response.end(deb);
    });

    const error = await failure(bench);
    await bench.output('mirror', 'update', 'm');

    assert.equal(error.code, 'E_POOL_MISSING');
    assert.equal(error.message, `${kept} is gone from the pool`);
    assert.ok(bench.pool().includes(kept));
    assert.deepEqual(await bench.packages(), ['app_1.0_amd64', 'lib_1.1_amd64']);
  });

  test('is there during the download, and the root is free', async (context) => {
    const bench = await benchOf(context);
    const during: (string | undefined)[] = [];
    bench.upstream.files.set('/pool/docs_2_all.deb', async (_, response) => {
      during.push((await bench.run('mirror', 'show', 'm')).stdout.split('\n')[1]);
      during.push((await bench.run('snapshot', 'create', 's', 'from', 'mirror', 'm')).error);
      during.push((await bench.run('mirror', 'drop', 'm')).error);
      during.push((await bench.run('repo', 'create', 'r')).error);
      response.writeHead(404).end();
    });

    await failure(bench);

    assert.deepEqual(during.map(withoutHolder), [
      `Status: In Update (PID ${process.pid})`,
      `unable to create snapshot: mirror is locked by update operation, PID ${process.pid}`,
      `unable to drop: mirror is locked by update operation, PID ${process.pid}`,
      undefined,
    ]);
    await assertAsBefore(bench);
  });
});

describe('mirror update: signatures', () => {
  test('a Release file that nobody trusted has signed', async (context) => {
    const bench = await benchOf(context);
    const other = await signingKey('other');
    const keyring = `-keyring=${other.publicPath}`;

    const { error } = await bench.run('mirror', 'update', keyring, '-ignore-signatures=false', 'm');

    assert.match(error ?? '', /^unable to update: /);
    await assertAsBefore(bench);
  });

  test('installer images vouched for by a signature of their own, or not there', async (context) => {
    const bench = await updateBench(context, first, { gpgDisableVerify: false });
    const key = await signingKey('upstream');
    const keyring = `-keyring=${key.publicPath}`;
    const { sums, images } = imagesOf({ 'netboot/mini.iso': 'iso' });
    const directory = '/dists/xenial/main/installer-amd64/current/images';
    await bench.create('-with-installer', keyring);
    await bench.output('mirror', 'update', keyring, 'm');
    const without = await bench.packages();
    for (const [path, content] of Object.entries(images))
      bench.upstream.files.set(`${directory}/${path}`, Buffer.from(content));
    bench.upstream.files.set(`${directory}/SHA256SUMS`, Buffer.from(sums));
    bench.upstream.files.set(`${directory}/SHA256SUMS.gpg`, Buffer.from('no signature'));

    const unsigned = await bench.run('mirror', 'update', keyring, 'm');
    const signature = await key.signer.detachSign(Buffer.from(sums), new Date('2024-06-01T12:00:00Z'));
    bench.upstream.files.set(`${directory}/SHA256SUMS.gpg`, signature);
    await bench.output('mirror', 'update', keyring, 'm');

    assert.deepEqual(without, ['app_1.0_amd64', 'lib_1.0_amd64']);
    assert.match(unsigned.error ?? '', /^unable to update: \S+SHA256SUMS/);
    assert.deepEqual(await bench.packages(), ['app_1.0_amd64', 'installer__amd64', 'lib_1.0_amd64']);
  });
});

/** What the use-case fails with. */
async function failure(
  bench: UpdateBench,
  { signal = new AbortController().signal } = {},
): Promise<EspejoError> {
  const request: UpdateRequest = {
    name: 'm',
    ignoreSignatures: true,
    keyrings: [],
    tries: 1,
    force: false,
    ignoreChecksums: false,
    missing: 'fail',
    latest: false,
    skipExisting: false,
    follow: {},
    bytesPerSecond: undefined,
  };
  return await bench.withApp(async (app) => {
    const outcome = await updateMirror(app, request, { signal, report: () => undefined }).catch(
      (error: unknown) => error,
    );
    assert.ok(outcome instanceof EspejoError, 'the update fails');
    return outcome;
  });
}
