import assert from 'node:assert/strict';
import {
  appendFile,
  copyFile,
  mkdir,
  readFile,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { byHashPath } from '../../../src/deb/paths.ts';
import { parseRelease } from '../../../src/deb/release.ts';
import { layoutOf } from '../../../src/endpoint/filesystem/layout.ts';
import { viewOf } from '../../../src/endpoint/filesystem/view.ts';
import { type VerifyResult, verifyPublication } from '../../../src/publish/verify.ts';
import { silentJob } from '../../support/open-test-app.ts';
import { makeArchive } from '../../support/oracle/make-archive.ts';
import { inPool } from '../../support/pool-paths.ts';
import { makeWorkshop, readRelease, testSigner, type Workshop } from '../../support/publishing.ts';
import { signingKey } from '../../support/signing-keys.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const dist = 'ubuntu/dists/xenial';
const index = `${dist}/main/binary-amd64/Packages`;
const deb = 'ubuntu/pool/main/h/hello/hello_1.0_amd64.deb';

/** Each tampers with a good tree; verify must name `named`. */
const tamperings: readonly {
  readonly what: string;
  readonly named: RegExp;
  readonly tamper: (workshop: Workshop) => Promise<void>;
}[] = [
  { what: 'an edited Packages', named: /binary-amd64\/Packages: /, tamper: (w) => flipByte(w.at(index)) },
  {
    what: 'an edited Packages.xz',
    named: /binary-amd64\/Packages\.xz: /,
    tamper: (w) => flipByte(w.at(`${index}.xz`)),
  },
  {
    what: 'an edited Packages.gz',
    named: /binary-amd64\/Packages\.gz: /,
    tamper: (w) => flipByte(w.at(`${index}.gz`)),
  },
  {
    what: 'an edited .deb of the same size',
    named: /hello_1\.0_amd64\.deb: /,
    tamper: (w) => flipByte(w.at(deb)),
  },
  {
    what: 'a truncated .deb',
    named: /hello_1\.0_amd64\.deb: has 10 bytes/,
    tamper: (w) => truncate(w.at(deb), 10),
  },
  {
    what: 'a missing .deb',
    named: /hello_1\.0_amd64\.deb: is missing/,
    tamper: (w) => rm(w.at(deb)),
  },
  {
    what: 'a missing index',
    named: /binary-i386\/Packages\.gz: is missing/,
    tamper: (w) => rm(w.at(`${dist}/main/binary-i386/Packages.gz`)),
  },
  {
    what: 'a missing Release',
    named: /xenial\/Release: is missing/,
    tamper: (w) => rm(w.at(`${dist}/Release`)),
  },
  {
    what: 'a missing InRelease',
    named: /xenial\/InRelease: is missing/,
    tamper: (w) => rm(w.at(`${dist}/InRelease`)),
  },
  {
    what: 'a missing Release.gpg',
    named: /xenial\/Release\.gpg: is missing/,
    tamper: (w) => rm(w.at(`${dist}/Release.gpg`)),
  },
  {
    what: 'one more byte in Release',
    named: /InRelease and Release differ/,
    tamper: (w) => appendFile(w.at(`${dist}/Release`), '\n'),
  },
  { what: 'a missing by-hash twin', named: /by-hash\/SHA256\//, tamper: async (w) => rm(await twinOf(w)) },
  {
    what: 'the InRelease of another publication',
    named: /InRelease and Release differ/,
    tamper: async (w) => {
      await w.publish({ changes: { name: 'other', distribution: 'other' } });
      await copyFile(w.at('ubuntu/dists/other/InRelease'), w.at(`${dist}/InRelease`));
    },
  },
  {
    what: 'the Release.gpg of another Release',
    named: /xenial\/Release\.gpg: .*bad/,
    tamper: async (w) => {
      await w.publish({ changes: { name: 'other', distribution: 'other' } });
      await copyFile(w.at('ubuntu/dists/other/Release.gpg'), w.at(`${dist}/Release.gpg`));
    },
  },
  {
    what: 'signatures by a foreign key',
    named: /xenial\/InRelease: .*unknown-key.*Release\.gpg: .*unknown-key/,
    tamper: async (w) => {
      const foreign = await testSigner('Foreign <foreign@localhost>');
      const release = await readFile(w.at(`${dist}/Release`));
      await writeFile(w.at(`${dist}/InRelease`), await foreign.clearsign(release, w.clock.now));
      await writeFile(w.at(`${dist}/Release.gpg`), await foreign.detachSign(release, w.clock.now));
    },
  },
];

describe('verify', () => {
  test('passes on a good tree and counts what it read', async (t) => {
    const workshop = await makeWorkshop(t);
    await workshop.stock({ main: [{ name: 'hello' }, { name: 'world' }] });
    await workshop.publish();

    const result = await workshop.verify();

    assert.deepEqual(
      { ...result, bytes: result.bytes > 0 },
      { publication: 'mirror', indexes: 8, packages: 2, files: 2, bytes: true },
    );
  });

  for (const { what, named, tamper } of tamperings) {
    test(`fails on ${what}`, async (t) => {
      const workshop = await makeWorkshop(t);
      await workshop.stock({ main: [{ name: 'hello' }] });
      await workshop.publish();
      workshop.advance(60);

      await tamper(workshop);

      await assert.rejects(workshop.verify(), { code: 'E_VERIFY_FAILED', message: named });
    });
  }

  test('passes over lines that are no field for apt, as aptly publishes them', async () => {
    const odd = '#Pre-Depends: x (\nPackage: hello\n-Some words: y\nTag: a\nTag: b\r';
    const good = await verifyIndex((text) => text.replace(/^Package: hello$/m, odd));
    const bad = verifyIndex((text) => text.replace(/^Package: hello$/m, `${odd}\nDepends: x (`));

    assert.equal((await good).packages, 2);
    await assert.rejects(bad, { code: 'E_VERIFY_FAILED', message: /hello_1\.0_amd64: Depends: / });
  });

  test('fails on a publication that was never published, and on a Release past its time', async (t) => {
    const workshop = await makeWorkshop(t, { changes: { validForSeconds: 60 } });

    await assert.rejects(workshop.verify(), { code: 'E_VERIFY_FAILED', message: /Release: is missing/ });
    await workshop.stock({ main: [{ name: 'hello' }] });
    await workshop.publish();
    workshop.advance(61);

    await assert.rejects(workshop.verify(), { code: 'E_VERIFY_FAILED', message: /was valid until/ });
  });

  test('many differences are counted, five are named, all are in the context', async (t) => {
    const workshop = await makeWorkshop(t);
    await workshop.stock({ main: Array.from({ length: 8 }, (_, at) => ({ name: `hello${at}` })) });
    await workshop.publish();
    await rm(workshop.at('ubuntu/pool'), { recursive: true });

    const failure = workshop.verify();

    await assert.rejects(failure, (error: { message: string; context: { problems: readonly string[] } }) => {
      assert.match(error.message, /and 3 more$/);
      assert.equal(error.context.problems.length, 8);
      return true;
    });
  });

  test('a .deb edited in place has damaged the pool too; the hint repairs both', async (t) => {
    const workshop = await makeWorkshop(t);
    await workshop.stock({ main: [{ name: 'hello' }] });
    await workshop.publish();
    await flipByte(workshop.at(deb));
    workshop.advance(60);
    await assert.rejects(workshop.publish({ force: true }), { code: 'E_POOL_MISSING' });
    // As "sync -force": what the pool found damaged is fetched again.
    await workshop.stock({ main: [{ name: 'hello' }] });

    await workshop.publish({ force: true });

    await workshop.verify();
    const names = [workshop.at(deb), inPool(workshop.pool, await pooledPath(workshop))];
    const [published, pooled] = await Promise.all(names.map((name) => stat(name)));
    assert.equal(published?.ino, pooled?.ino);
  });
});

/** Verifies a signed tree whose index of packages was edited before Release was made. */
async function verifyIndex(edit: (text: string) => string): Promise<VerifyResult> {
  const directory = temporaryDirectory('verify');
  const made = await makeArchive({
    indexes: { 'main/binary-amd64': { 'hello_1.0_amd64': {}, 'world_1.0_amd64': {} } },
  });
  const path = 'main/binary-amd64/Packages';
  const archive = await makeArchive({
    indexes: {},
    fields: { architectures: ['amd64'], components: ['main'] },
    files: { [path]: edit(String(made.get(`dists/xenial/${path}`))) },
    others: Object.fromEntries([...made].filter(([name]) => name.startsWith('pool/'))),
  });
  for (const [name, bytes] of archive) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), bytes);
  }
  const { signer } = await signingKey('upstream');
  const publication = { name: 'odd', prefix: '', distribution: 'xenial', sign: true };
  const place = { prefix: '.', distribution: 'xenial' };
  const request = {
    publication,
    publicKey: signer.publicKey.armored,
    repair: 'publish it again',
  };
  const view = await viewOf(layoutOf(directory, place), place);
  return await verifyPublication({ view, now: () => new Date() }, request, silentJob());
}

/** Changes one byte in the middle, and nothing that a listing shows but the time. */
async function flipByte(path: string): Promise<void> {
  const bytes = await readFile(path);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  await writeFile(path, bytes);
  await utimes(path, 1, 1);
}

async function twinOf(workshop: Workshop): Promise<string> {
  const { files } = parseRelease(Buffer.from(await readRelease(workshop)), 'Release');
  const sha256 = files.get('main/binary-amd64/Packages')?.digests.sha256 ?? '';
  return workshop.at(`${dist}/${byHashPath('main/binary-amd64/Packages', 'sha256', sha256)}`);
}

async function pooledPath(workshop: Workshop): Promise<string> {
  for await (const path of workshop.pool.list()) if (path.endsWith('hello_1.0_amd64.deb')) return path;
  return assert.fail('the pool has the package');
}
