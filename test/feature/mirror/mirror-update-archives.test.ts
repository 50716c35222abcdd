import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { digestsOf, sha256Hex } from '../../../src/core/digest.ts';
import { lz4Frame } from '../../builders/lz4.ts';
import { type UpdateBench, updateBench } from '../../builders/update-bench.ts';
import { type ArchivePlan, makeArchive } from '../../support/oracle/make-archive.ts';

const suite = '/dists/xenial';

/** Puts listed files under their digests, and what the archive has moved on to under their names. */
function moveOn({ upstream }: UpdateBench, names: RegExp, later: Buffer): void {
  for (const [path, bytes] of [...upstream.files]) {
    if (!path.startsWith(`${suite}/`) || !names.test(path) || !(bytes instanceof Buffer)) continue;
    const directory = path.slice(0, path.lastIndexOf('/'));
    const { sha256, sha512 } = digestsOf(bytes).digests;
    upstream.files.set(`${directory}/by-hash/SHA256/${sha256}`, bytes);
    upstream.files.set(`${directory}/by-hash/SHA512/${sha512}`, bytes);
    upstream.files.set(path, later);
  }
}

/** Changes the text of the Release file, which nobody verifies here. */
function editRelease({ upstream }: UpdateBench, edit: (text: string) => string): void {
  const path = `${suite}/Release`;
  upstream.files.set(path, Buffer.from(edit(String(upstream.files.get(path)))));
}

describe('mirror update: an archive that moves on meanwhile', () => {
  test('gives indexes, AppStream files and lists of images by their digests', async (context) => {
    const images = 'main/installer-amd64/current/images';
    const bench = await updateBench(context, {
      fields: { acquireByHash: true },
      indexes: { 'main/binary-amd64': { 'app_1.0_amd64': {} } },
      files: {
        'main/dep11/Components-amd64.yml.gz': gzipSync('File: DEP-11\n'),
        [`${images}/SHA256SUMS`]: `${sha256Hex(Buffer.from('iso'))}  mini.iso\n`,
      },
      others: { [`dists/xenial/${images}/mini.iso`]: 'iso' },
    });
    moveOn(bench, /Packages|dep11|SHA256SUMS/, Buffer.from('of the next state'));
    await bench.create('-with-appstream', '-with-installer');

    await bench.output('mirror', 'update', 'm');

    assert.deepEqual(await bench.packages(), ['app_1.0_amd64', 'installer__amd64']);
    assert.deepEqual(Object.keys((await bench.mirror()).appStreamFiles), [
      'main/dep11/Components-amd64.yml.gz',
    ]);
    assert.equal(bench.upstream.count(`${suite}/main/binary-amd64/Packages.gz`), 0);
  });

  test('gives them by their names where there is no directory by-hash', async (context) => {
    const bench = await updateBench(context, {
      fields: { acquireByHash: true },
      indexes: { 'main/binary-amd64': { 'app_1.0_amd64': {} } },
    });
    await bench.create();

    await bench.output('mirror', 'update', 'm');

    assert.deepEqual(await bench.packages(), ['app_1.0_amd64']);
  });
});

describe('mirror update: packages for all architectures in an index of their own', () => {
  const plan = {
    fields: { architectures: ['all', 'amd64', 'i386'] },
    indexes: {
      'main/binary-amd64': { 'app_1.0_amd64': { Depends: 'data' } },
      'main/binary-i386': { 'app_1.0_i386': {} },
      'main/binary-all': { data_1_all: {} },
    },
  };

  test('come along with any architecture', async (context) => {
    const bench = await updateBench(context, plan);
    await bench.create('-architectures=amd64', '-filter=app', '-filter-with-deps');

    await bench.output('mirror', 'update', 'm');

    assert.deepEqual(await bench.packages(), ['data_1_all', 'app_1.0_amd64']);
    assert.deepEqual((await bench.mirror()).architectures, ['amd64']);
  });

  test('are left where Release says that the other indexes repeat them', async (context) => {
    for (const [value, expected] of [
      ['Packages', ['app_1.0_amd64']],
      ['Contents-deb Packages', ['app_1.0_amd64']],
      ['Contents-deb', ['data_1_all', 'app_1.0_amd64']],
    ] as const) {
      const bench = await updateBench(context, plan);
      editRelease(bench, (text) => `No-Support-for-Architecture-all: ${value}\n${text}`);
      await bench.create('-architectures=amd64');

      await bench.output('mirror', 'update', 'm');

      assert.deepEqual(await bench.packages(), expected, value);
    }
  });
});

describe('mirror update: an index that Release does not list', () => {
  test('of the udebs of one component is a warning', async (context) => {
    const bench = await updateBench(context, {
      indexes: {
        'main/binary-amd64': { 'app_1.0_amd64': {} },
        'main/debian-installer/binary-amd64': { 'disk-udeb_1_amd64': {} },
        'contrib/binary-amd64': { more_1_amd64: {} },
      },
    });
    await bench.create('-with-udebs');

    await bench.output('mirror', 'update', 'm');

    assert.deepEqual(await bench.packages(), ['app_1.0_amd64', 'disk-udeb_1_amd64', 'more_1_amd64']);
    assert.deepEqual(
      bench.warnings().filter((text) => text.includes('not listed')),
      [
        `${bench.upstream.url}dists/xenial/contrib/debian-installer/binary-amd64/Packages: is not listed in Release; the rest is mirrored`,
      ],
    );
  });

  test('of one architecture is a warning, also without digests; of all it is an error', async (context) => {
    const bench = await updateBench(context, {
      fields: { architectures: ['amd64', 'arm64'] },
      indexes: { 'main/binary-amd64': { 'app_1.0_amd64': {} } },
    });
    await bench.create();

    await bench.output('mirror', 'update', 'm');
    const loose = await bench.output('mirror', 'update', '-ignore-checksums', 'm');
    await bench.output('mirror', 'edit', '-architectures=arm64', 'm');
    const { error, code } = await bench.run('mirror', 'update', 'm');

    assert.ok(bench.warnings().some((text) => text.includes('main/binary-arm64/Packages: is not listed')));
    assert.match(loose, /WARNING: no candidates for \S+binary-arm64\/Packages found; the rest is mirrored/);
    assert.deepEqual(await bench.packages(), ['app_1.0_amd64']);
    assert.match(error ?? '', /^unable to update: no candidates for \S+binary-arm64\/Packages found$/);
    assert.equal(code, 'E_INDEX_NOT_LISTED');
  });
});

describe('mirror update: a package whose file the archive lacks', () => {
  async function lacking(
    context: Parameters<typeof updateBench>[0],
    config: object = {},
  ): Promise<UpdateBench> {
    const bench = await updateBench(
      context,
      { indexes: { 'main/binary-amd64': { 'app_1.0_amd64': {}, gone_1_amd64: {} } } },
      config,
    );
    await bench.create();
    return bench;
  }

  test('is left out by -missing=warn, named, and asked for again by the next update', async (context) => {
    const bench = await lacking(context);
    const gone = '/pool/gone_1_amd64.deb';
    const deb = bench.upstream.files.get(gone) ?? assert.fail();
    bench.upstream.files.delete(gone);
    const reason = `gone_1_amd64: HTTP code 404 while fetching ${bench.upstream.url}pool/gone_1_amd64.deb`;

    const first = await bench.output('mirror', 'update', '-missing=warn', 'm');
    const without = await bench.packages();
    const second = await bench.output('mirror', 'update', '-missing=warn', 'm');
    bench.upstream.files.set(gone, deb);
    const third = await bench.output('mirror', 'update', '-missing=warn', 'm');

    for (const told of [first, second]) {
      assert.ok(told.includes(`\nLeft out, because the archive lacks their files:\n  ${reason}\n`), told);
    }
    assert.ok(bench.warnings().includes(reason.replace(':', ' is left out of m:')));
    assert.deepEqual(without, ['app_1.0_amd64']);
    assert.doesNotMatch(third, /Left out/);
    assert.deepEqual(await bench.packages(), ['app_1.0_amd64', 'gone_1_amd64']);
  });

  test('is left out by the configuration, also where the answer is 403', async (context) => {
    const bench = await lacking(context, { missing: 'warn' });
    bench.upstream.fault('/pool/gone_1_amd64.deb', { kind: 'status', status: 403 });

    await bench.output('mirror', 'update', 'm');
    const strict = await bench.run('mirror', 'update', '-missing=fail', 'm');

    assert.deepEqual(await bench.packages(), ['app_1.0_amd64']);
    assert.equal(strict.code, 'E_PACKAGE_FETCH');
  });

  test('fails the update otherwise; a wrong file or a broken connection always does', async (context) => {
    const bench = await lacking(context);
    bench.upstream.fault('/pool/gone_1_amd64.deb', { kind: 'status', status: 404 }, 1);

    const plain = await bench.run('mirror', 'update', 'm');
    bench.upstream.fault('/pool/gone_1_amd64.deb', { kind: 'wrong-bytes' }, 1);
    const wrong = await bench.run('mirror', 'update', '-missing=warn', 'm');
    bench.upstream.fault('/pool/gone_1_amd64.deb', { kind: 'cut', after: 100 }, 1);
    const broken = await bench.run('mirror', 'update', '-missing=warn', 'm');
    const unknown = await bench.run('mirror', 'update', '-missing=perhaps', 'm');

    for (const { code } of [plain, wrong, broken]) assert.equal(code, 'E_PACKAGE_FETCH');
    assert.deepEqual(
      [unknown.error, unknown.code],
      ['-missing=perhaps: is neither "fail" nor "warn"', 'E_BAD_VALUE'],
    );
    assert.equal((await bench.mirror()).list, null);
  });
});

describe('mirror update: odd forms of an index', () => {
  test('one of which Release lists the compressed form alone is known again by it', async (context) => {
    const archive = (contrib: string): ArchivePlan => ({
      indexes: { 'main/binary-amd64': { 'app_1.0_amd64': {} }, 'contrib/binary-amd64': { [contrib]: {} } },
    });
    const bench = await updateBench(context, archive('more_1_amd64'));
    unlistPlain(bench);
    await bench.create();
    await bench.output('mirror', 'update', 'm');
    await bench.serve(archive('more_2_amd64'));
    unlistPlain(bench);
    bench.upstream.forget();

    await bench.output('mirror', 'update', 'm');

    const fetched = ['main', 'contrib'].map((one) =>
      bench.upstream.count(`/dists/xenial/${one}/binary-amd64/Packages.gz`),
    );
    assert.deepEqual(fetched, [0, 1]);
    assert.deepEqual(await bench.packages(), ['app_1.0_amd64', 'more_2_amd64']);
  });

  const path = 'main/binary-amd64/Packages';
  const forms: Readonly<Record<string, (plain: Buffer) => readonly Buffer[]>> = {
    'zst, of two frames': (plain) => halves(plain).map((half) => zstdCompressSync(half)),
    lz4: (plain) => [lz4Frame(plain)],
    'lz4, with bytes behind it': (plain) => [lz4Frame(plain), Buffer.from('garbage')],
    'gz, with bytes behind it': (plain) => [gzipSync(plain), Buffer.from('garbage')],
  };
  const halves = (bytes: Buffer) => [bytes.subarray(0, 99), bytes.subarray(99)];

  for (const [form, compress] of Object.entries(forms)) {
    test(`${form} is read`, async (context) => {
      const made = await makeArchive({ indexes: { 'main/binary-amd64': { 'app_1.0_amd64': {} } } });
      const plain = made.get(`dists/xenial/${path}`) ?? assert.fail();
      const name = `${path}.${form.split(',')[0]}`;
      const bench = await updateBench(context, {
        indexes: {},
        fields: { architectures: ['amd64'], components: ['main'] },
        files: { [path]: plain, [name]: Buffer.concat(compress(plain)) },
        others: Object.fromEntries([...made].filter(([one]) => one.startsWith('pool/'))),
      });
      bench.upstream.files.delete(`${suite}/${path}`);
      await bench.create();

      await bench.output('mirror', 'update', 'm');

      assert.deepEqual(await bench.packages(), ['app_1.0_amd64']);
    });
  }
});

/** Takes the plain indexes away, and out of Release. */
function unlistPlain({ upstream: { files } }: UpdateBench): void {
  const release = files.get('/dists/xenial/Release');
  assert.ok(Buffer.isBuffer(release));
  files.set('/dists/xenial/Release', Buffer.from(release.toString().replace(/^ .*\/Packages\n/gm, '')));
  for (const path of [...files.keys()]) if (path.endsWith('/Packages')) files.delete(path);
}
