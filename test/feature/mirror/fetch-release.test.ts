import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { buildArchive } from '../../../src/demo/archive.ts';
import { demoArchive } from '../../../src/demo/demo-archive.ts';
import { askRelease, metaOf, type SuiteRelease } from '../../../src/mirror/release.ts';
import { allowedByGpgv } from '../../../src/openpgp/doubts.ts';
import { loadKeyring } from '../../../src/openpgp/keyring.ts';
import { failureOf, testFetcher, testJob, testUpstream } from '../../support/fetching.ts';
import { makeKey } from '../../support/openpgp-keys.ts';
import { clearsignWith } from '../../support/openpgp-signatures.ts';
import { signingKey } from '../../support/signing-keys.ts';
import type { Upstream } from '../../support/upstream.ts';

type Bench = {
  readonly upstream: Upstream;
  /** Names of the files asked for, in order. */
  readonly asked: readonly string[];
  fetch(options?: {
    readonly verify?: boolean;
    readonly distribution?: string;
    readonly tries?: number;
    readonly maxBytes?: number;
  }): Promise<SuiteRelease>;
  /** What was warned of. */
  warnings(): readonly string[];
  /** The content of a file of the suite. */
  read(name: string): Buffer;
  write(name: string, bytes: Buffer | undefined): void;
};

const base = '/dists/xenial/';

async function bench(
  context: TestContext,
  { retries = 0, keys = [] }: { readonly retries?: number; readonly keys?: readonly string[] } = {},
): Promise<Bench> {
  const upstream = await testUpstream(context);
  const { signer, publicPath } = await signingKey('archive');
  const archive = await buildArchive(demoArchive(new Date('2016-04-21T23:23:46Z'), 0), signer);
  for (const [path, bytes] of archive) upstream.files.set(`/${path}`, bytes);
  const fetcher = testFetcher(context, { retries });
  const keyring = await loadKeyring([{ path: publicPath }, ...keys.map((armored) => ({ armored }))]);
  const job = testJob();
  const asked: string[] = [];
  return {
    upstream,
    asked,
    fetch: ({ verify = true, distribution = 'xenial', tries = 1, maxBytes = 100_000 } = {}) =>
      askRelease(
        {
          fetcher,
          suite: distribution,
          urls: [upstream.url],
          policy: { ...allowedByGpgv, manner: 'aptly', checkDate: true, checkValidUntil: true },
          accepted: undefined,
          comparable: undefined,
          keyring: verify ? keyring : undefined,
          maxBytes,
          tries,
          now: new Date('2016-05-01T00:00:00Z'),
        },
        {
          ...job,
          report: (event) => {
            if (event.type === 'downloading') asked.push(event.url.replace(/.*\//, ''));
            job.report(event);
          },
        },
      ),
    warnings: () => job.events.flatMap((event) => (event.type === 'warning' ? event.message : [])),
    read: (name) => upstream.files.get(base + name) as Buffer,
    write(name, bytes) {
      if (bytes === undefined) upstream.files.delete(base + name);
      else upstream.files.set(base + name, bytes);
    },
  };
}

describe('a Release file that is verified', () => {
  test('is InRelease, and one request', async (context) => {
    const { fetch, asked } = await bench(context);

    const { release, detached } = await fetch();
    const meta = metaOf(release);

    assert.deepEqual(asked, ['InRelease']);
    assert.equal(detached, false);
    assert.deepEqual(release.components, ['main', 'universe']);
    assert.deepEqual(Object.keys(meta).sort(), [
      'Acquire-By-Hash',
      'Architectures',
      'Codename',
      'Components',
      'Date',
      'Description',
      'Label',
      'Origin',
      'Suite',
    ]);
    assert.equal(meta['Description'], ' An archive that espejo made in code\n');
  });

  test('is Release with Release.gpg when InRelease is missing, cut, altered, too large or by another key', async (context) => {
    const { fetch, asked, read, write } = await bench(context);
    const genuine = read('InRelease');
    const other = await signingKey('mirror');
    const spoilt: readonly (Buffer | undefined)[] = [
      undefined,
      genuine.subarray(0, -200),
      Buffer.from(genuine.toString('latin1').replace('Suite: xenial', 'Suite: xenia1'), 'latin1'),
      Buffer.concat([genuine, Buffer.alloc(100_000, 0x0a)]),
      await other.signer.clearsign(read('Release'), new Date('2016-04-21T23:23:46Z')),
    ];

    for (const inRelease of spoilt) {
      write('InRelease', inRelease);
      const { detached } = await fetch();
      assert.equal(detached, true);
    }
    assert.deepEqual(asked.slice(0, 3), ['InRelease', 'Release', 'Release.gpg']);
  });

  test('fails for what is wrong with InRelease when there is nothing else', async (context) => {
    const { fetch, read, write } = await bench(context);
    write('Release', undefined);
    write(
      'InRelease',
      Buffer.from(read('InRelease').toString('latin1').replace('Origin:', 'Label2:'), 'latin1'),
    );

    const error = await failureOf(fetch());

    assert.equal(error.code, 'E_SIGNATURE_INVALID');
  });

  test('fails when neither is signed by a key of the keyring', async (context) => {
    const { fetch, read, write } = await bench(context);
    const { signer } = await signingKey('mirror');
    const at = new Date('2016-04-21T23:23:46Z');
    write('InRelease', await signer.clearsign(read('Release'), at));
    write('Release.gpg', await signer.detachSign(read('Release'), at));

    const error = await failureOf(fetch());

    assert.equal(error.code, 'E_SIGNATURE_UNKNOWN_KEY');
  });

  test('is believed by a weak key that has expired since, as gpgv believes it, with a warning', async (context) => {
    const key = await makeKey({
      rsaBits: 1024,
      date: new Date('2016-01-01'),
      keyExpirationTime: 100 * 86_400,
    });
    const { fetch, read, write, warnings } = await bench(context, { keys: [key.toPublic().armor()] });
    write('InRelease', await clearsignWith(key, read('Release'), new Date('2016-04-01')));

    const { release } = await fetch();

    assert.equal(release.suite, 'xenial');
    assert.match(
      warnings().join('\n'),
      /InRelease: believed by the signature of [0-9A-F]{16} alone, although the key has expired; an RSA key of 1024/,
    );
  });

  test('fails when Release was altered under its signature, or there is no signature', async (context) => {
    const { fetch, read, write } = await bench(context);
    write('InRelease', undefined);
    write('Release', Buffer.concat([read('Release'), Buffer.from('X: y\n')]));
    const altered = await failureOf(fetch());
    write('Release.gpg', undefined);
    const unsigned = await failureOf(fetch());

    assert.equal(altered.code, 'E_SIGNATURE_INVALID');
    assert.equal(unsigned.code, 'E_FETCH_NOT_FOUND');
    assert.match(unsigned.message, /^HTTP code 404 while fetching http:.*\/dists\/xenial\/Release\.gpg$/);
  });
});

describe('a Release file that is not verified', () => {
  test('is Release, without its signature', async (context) => {
    const { fetch, asked, write } = await bench(context);
    write('Release.gpg', undefined);
    write('InRelease', undefined);

    const { release } = await fetch({ verify: false });

    assert.equal(release.suite, 'xenial');
    assert.deepEqual(asked, ['Release']);
  });

  test('is InRelease without its armour where there is no Release', async (context) => {
    const { fetch, asked, write } = await bench(context);
    write('Release', undefined);

    const { release } = await fetch({ verify: false });

    assert.equal(release.suite, 'xenial');
    assert.deepEqual(asked, ['Release', 'InRelease']);
  });

  test('is not InRelease with text before the armour, or with half of it', async (context) => {
    const { fetch, read, write } = await bench(context);
    const genuine = read('InRelease');
    write('Release', undefined);

    for (const document of [
      Buffer.concat([Buffer.from('Suite: evil\n'), genuine]),
      genuine.subarray(0, -300),
    ]) {
      write('InRelease', document);
      assert.equal((await failureOf(fetch({ verify: false }))).code, 'E_SIGNATURE_INVALID');
    }
  });
});

describe('an upstream that does not do its part', () => {
  test('has neither file: the words of aptly', async (context) => {
    const { fetch, upstream } = await bench(context);

    const error = await failureOf(fetch({ verify: false, distribution: 'nodist' }));

    assert.equal(error.message, `HTTP code 404 while fetching ${upstream.url}dists/nodist/InRelease`);
  });

  test('is asked again as often as -max-tries says, when that can help', async (context) => {
    const { fetch, upstream } = await bench(context);
    upstream.fault(`${base}Release`, { kind: 'status', status: 503 }, 2);

    await fetch({ verify: false, tries: 3 });

    assert.equal(upstream.count(`${base}Release`), 3);
    assert.equal(upstream.count(`${base}InRelease`), 0);
  });

  test('sends a Release without end, or one that is too large', async (context) => {
    const { fetch, upstream } = await bench(context);
    upstream.fault('*', { kind: 'endless' });
    const endless = await failureOf(fetch({ verify: false }));
    upstream.clearFaults();
    const large = await failureOf(fetch({ verify: false, maxBytes: 100 }));

    assert.equal(endless.code, 'E_SIZE_LIMIT');
    assert.equal(large.code, 'E_SIZE_LIMIT');
  });

  test('redirects to a file of this machine', async (context) => {
    const { fetch, upstream } = await bench(context);
    upstream.fault('*', { kind: 'redirect', to: 'file:///etc/passwd' });

    const error = await failureOf(fetch());

    assert.equal(error.code, 'E_FETCH_REDIRECT');
  });

  test('lists a path outside of the suite', async (context) => {
    const { fetch, read, write } = await bench(context);
    const text = read('Release').toString('latin1').replaceAll(' main/binary-amd64/Packages\n', ' ../../x\n');
    write('Release', Buffer.from(text, 'latin1'));

    const { release } = await fetch({ verify: false });

    assert.equal(release.files.has('main/binary-amd64/Packages'), false);
    assert.deepEqual(
      [...release.files.keys()].filter((path) => path.split('/').includes('..')),
      [],
    );
    assert.match(release.faults.join('\n'), /"\.\.\/\.\.\/x" is refused/);
  });
});
