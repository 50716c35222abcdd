import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, it } from 'node:test';
import { enums, type PrivateKey } from 'openpgp';
import { includeChanges } from '../../src/repo/include.ts';
import { debFile, type Files, writeFiles } from '../builders/incoming.ts';
import {
  changesText,
  clearsigned,
  keyIdOf,
  keyring,
  signedUpload,
  uploadLists,
  uploadOf,
} from '../builders/uploads.ts';
import { type CommandRoot, makeCommandRoot } from '../support/aptly-commands.ts';
import { collect } from '../support/collect.ts';
import { makeKey } from '../support/openpgp-keys.ts';
import { clearsignWith, detachWith } from '../support/openpgp-signatures.ts';
import { signingKey } from '../support/signing-keys.ts';

const deb = 'app_1.0_amd64.deb';
const app: Files = { [deb]: await debFile('app_1.0_amd64') };
const text = changesText(app);
const signed = await clearsigned(text);

describe('uploads of people who mean no good', () => {
  let root: CommandRoot;
  const path = (name: string): string => join(root.directory, name);
  const put = (files: Files): Promise<void> => writeFiles(root.directory, files);
  const include = (...words: readonly string[]) =>
    root.run('repo', 'include', `-keyring=${path('keys.gpg')}`, ...words);

  beforeEach(async () => {
    root = await makeCommandRoot();
    await put({ 'keys.gpg': await keyring('uploader') });
    await root.output('repo', 'create', 'r1');
  });

  /** Nothing is in the repository, the pool and the temporary directory, and the upload is as it was. */
  async function assertUntouched(folder: string, files: readonly string[]): Promise<void> {
    const pool = await root.withApp((opened) => collect(opened.pool.list()));
    const repo = JSON.parse(await root.output('repo', 'show', '-json', '-with-packages', 'r1'));
    assert.deepEqual([pool, repo.Packages], [[], []]);
    assert.deepEqual(await readdir(path('root/tmp')), []);
    assert.deepEqual((await readdir(path(folder))).toSorted(), files.toSorted());
  }

  const untrue: Readonly<Record<string, readonly [changes: string, reason: RegExp]>> = {
    'with text before the armour': [`Source: evil\n\n${signed}`, /malformed/],
    'with text behind the armour': [`${signed}\nSource: evil\n`, /malformed/],
    'with two signed parts': [signed + signed, /malformed/],
    'with half a signature': [signed.slice(0, -100), /malformed/],
    'without a signature': [signed.slice(0, signed.indexOf('-----BEGIN PGP SIGNATURE')), /malformed/],
    'with an altered letter': [signed.replace('Source: app', 'Source: apq'), /does not fit/],
    'with an armour header that is no digest': [signed.replace('\n\n', '\nComment: x\n\n'), /not allowed/],
    'with a NUL byte': [signed.replace('New.', 'N\0w.'), /NUL/],
    'with a line that is escaped wrongly': [signed.replace('Urgency', '-Urgency'), /unescaped dash/],
  };
  for (const [what, [changes, reason]] of Object.entries(untrue)) {
    it(`an upload ${what} is refused, signed or not`, async () => {
      await put(uploadOf('up', app, changes));

      const strict = await include('up');
      const lax = await include('-accept-unsigned', 'up');

      for (const { stdout, code } of [strict, lax]) {
        assert.equal(code, 'E_FILES_SKIPPED');
        assert.match(stdout, reason);
      }
      await assertUntouched('up', ['app.changes', deb]);
    });
  }

  const lists = uploadLists(app);
  const wrongLists: Readonly<Record<string, readonly [lists: string, reason: RegExp]>> = {
    'a file by its absolute path': [lists.replaceAll(deb, `/etc/${deb}`), /is not a file name/],
    'a file above': [lists.replaceAll(deb, `../${deb}`), /is not a file name/],
    'the parent itself': [lists.replaceAll(deb, '..'), /refused/],
    'a name with a NUL': [lists.replaceAll(deb, 'a\0b.deb'), /NUL/],
    'a name with a control character': [lists.replaceAll(deb, 'a\u001bb.deb'), /refused/],
    'no file': ['', /no file is listed/],
    'a file without SHA256': [lists.replace('Checksums-Sha256', 'X-Sha256'), /not in all of/],
    'a file without SHA1': [lists.replace('Checksums-Sha1', 'X-Sha1'), /not in all of/],
    'a file without MD5': [lists.replace('Files:', 'X-Files:'), /not in all of/],
    'a file with two digests': [
      lists.replace(/(?<=Files:\n)/, ` ${'0'.repeat(32)} ${app[deb]?.length} net optional ${deb}\n`),
      /two different/,
    ],
    'a file with two sizes': [lists.replace(/\d+(?= net)/, '1'), /listed with/],
    'a field twice': [`${lists}${lists}`, /twice/],
    'a second paragraph': [`${lists}\nSource: evil\n`, /2 paragraphs/],
    'a size that is none': [lists.replaceAll(/ \d+ /g, ' 1e9 '), /not a size/],
  };
  for (const [what, [wrong, reason]] of Object.entries(wrongLists)) {
    it(`an upload that lists ${what} is refused`, async () => {
      await put({
        ...uploadOf('up', app, await clearsigned(changesText(app, { lists: wrong }).replace(/\0/g, ''))),
        ...(wrong.includes('\0') ? { 'up/app.changes': changesText(app, { lists: wrong }) } : {}),
      });

      const { stdout, code } = await include('-accept-unsigned', 'up');

      assert.equal(code, 'E_FILES_SKIPPED');
      assert.match(stdout, reason);
      await assertUntouched('up', ['app.changes', deb]);
    });
  }

  const wrongFiles: Readonly<
    Record<string, readonly [place: (file: string) => Promise<unknown>, reason: RegExp]>
  > = {
    'with another content': [(file) => writeFile(file, flipped()), /checksum mismatch MD5/],
    'longer than it should be': [(file) => writeFile(file, `${app[deb]}x`), /size mismatch: expected/],
    'that is missing': [async () => undefined, /open up\/app_1.0_amd64.deb: no such file/],
    'that is a folder': [(file) => mkdir(file), /not a regular file/],
    'that is a link to nowhere': [(file) => symlink('nowhere', file), /no such file/],
    'that is a link to itself': [(file) => symlink(deb, file), /ELOOP/],
    'that is a device without end': [(file) => symlink('/dev/zero', file), /not a regular file/],
    'that is a pipe': [async (file) => spawnSync('mkfifo', [file]), /not a regular file/],
    'that is a link to another file': [(file) => symlink('/etc/passwd', file), /mismatch/],
  };
  for (const [what, [place, reason]] of Object.entries(wrongFiles)) {
    it(`an upload with a file ${what} is refused`, async () => {
      await put(uploadOf('up', {}, signed));
      await place(path(`up/${deb}`));
      const files = await readdir(path('up'));

      const { stdout, code } = await include('up');

      assert.equal(code, 'E_FILES_SKIPPED');
      assert.match(stdout, reason);
      await assertUntouched('up', files);
    });
  }

  it('a link to the right content is taken, and the link alone is deleted', async () => {
    await put({ ...uploadOf('up', {}, signed), [`elsewhere/${deb}`]: app[deb] ?? '' });
    await symlink(`../elsewhere/${deb}`, path(`up/${deb}`));

    const { error } = await include('up');

    assert.equal(error, undefined);
    assert.deepEqual(await readdir(path('up')), []);
    assert.deepEqual(await readdir(path('elsewhere')), [deb]);
  });

  it('a .changes file of more than 4 MiB is not read', async () => {
    await put(uploadOf('up', app, `${text}X-Junk: ${'x'.repeat(2 ** 22)}\n`));

    const { stdout } = await include('-accept-unsigned', 'up');

    assert.match(stdout, /has more than 4194304 bytes/);
    await assertUntouched('up', ['app.changes', deb]);
  });

  it('a good signature beside one by a stranger is not enough', async () => {
    const { signer } = await signingKey('uploader');
    const stranger = await signingKey('stranger');
    const at = new Date('2026-06-01T00:00:00Z');
    const one = (await signer.clearsign(Buffer.from(text), at)).toString();
    const two = (await stranger.signer.clearsign(Buffer.from(text), at)).toString();
    await put(uploadOf('up', app, withBoth(one, two)));

    const { stdout } = await include('up');

    assert.match(stdout, /verification of clearsigned file failed: .*not in the keyring/);
    await assertUntouched('up', ['app.changes', deb]);
  });

  it('a key that has expired lets nobody in', async () => {
    const key = await makeKey({ date: new Date('2020-01-01'), keyExpirationTime: 86_400 * 30 });
    await put({
      'expired.gpg': Buffer.from(key.toPublic().write()),
      ...uploadOf(
        'up',
        app,
        (await clearsignWith(key, Buffer.from(text), new Date('2020-01-10'))).toString(),
      ),
    });

    const { stdout } = await root.run('repo', 'include', `-keyring=${path('expired.gpg')}`, 'up');

    assert.match(stdout, /verification of clearsigned file failed: .*expired/);
    await assertUntouched('up', ['app.changes', deb]);
  });

  /** An upload by a key of its own, signed over a digest that none of our signers would choose. */
  async function uploadOver(key: PrivateKey, digest: 'md5' | 'sha1'): Promise<void> {
    const bytes = Buffer.from(text.trimEnd().replaceAll('\n', '\r\n'));
    const packet = await detachWith(key, bytes, new Date('2026-06-01T00:00:00Z'), enums.hash[digest]);
    const armour = signed.slice(0, signed.indexOf('-----BEGIN PGP SIGNATURE'));
    const lines = packet.toString('base64').replace(/.{64}/g, '$&\n');
    const end = `-----BEGIN PGP SIGNATURE-----\n\n${lines}\n-----END PGP SIGNATURE-----\n`;
    await put({
      'weak.gpg': Buffer.from(key.toPublic().write()),
      ...uploadOf('up', app, armour.replace('SHA512', digest.toUpperCase()) + end),
    });
  }

  it('a digest that gpgv refuses lets nobody in', async () => {
    await uploadOver(await makeKey(), 'md5');

    const { stdout } = await root.run('repo', 'include', `-keyring=${path('weak.gpg')}`, 'up');

    assert.match(stdout, /verification of clearsigned file failed: .*MD5 is too weak/);
    await assertUntouched('up', ['app.changes', deb]);
  });

  it('a weak key and digest that gpgv takes let in, with a warning', async () => {
    const key = await makeKey({ rsaBits: 1024 });
    await uploadOver(key, 'sha1');

    await root.output('repo', 'include', '-no-remove-files', `-keyring=${path('weak.gpg')}`, 'up');

    const keyId = key.getKeyID().toHex().toUpperCase();
    assert.deepEqual(root.warnings(), [
      `app.changes: signed by ${keyId}, which counts although SHA1 is too weak; an RSA key of 1024 bits is too weak`,
    ]);
  });

  it('a denied key is denied however it is written', async () => {
    const { fingerprint } = await signingKey('uploader');
    const id = await keyIdOf();
    await put(await signedUpload('up', app));
    for (const name of [fingerprint, id.toLowerCase(), `0x${id}`, id.slice(-8).toLowerCase()]) {
      const rules = [{ condition: 'Source', allow: ['*'], deny: [name] }];
      await put({ 'rules.json': JSON.stringify({ rules }) });

      const { stdout } = await include('-uploaders-file=rules.json', 'up');

      assert.match(stdout, /denied according to rule/, name);
    }
    await assertUntouched('up', ['app.changes', deb]);
  });

  it('groups that hold each other many times are expanded in no time', async () => {
    const names = Array.from({ length: 60 }, (_, at) => `g${at}`);
    const groups = Object.fromEntries(names.map((name) => [name, names]));
    const rules = [{ condition: 'Source', allow: ['g0'] }];
    await put({ ...(await signedUpload('up', app)), 'rules.json': JSON.stringify({ groups, rules }) });

    const { stdout } = await include('-uploaders-file=rules.json', 'up');

    assert.match(stdout, /denied as no rule matches/);
  });

  it('what an upload that failed lists too is not deleted', async () => {
    const shared = { ...app, 'shared.buildinfo': 'b' };
    await put({
      ...(await signedUpload('up', shared)),
      'up/zeta.changes': await clearsigned(changesText({ ...shared, 'gone_1_all.deb': 'x' })),
    });

    const { stdout, code } = await include('up');

    assert.equal(code, 'E_FILES_SKIPPED');
    assert.match(stdout, /\[\+] app_1\.0_amd64 added/);
    assert.deepEqual((await readdir(path('up'))).toSorted(), [deb, 'shared.buildinfo', 'zeta.changes']);
  });

  it('an upload that failed is taken when it is mended', async () => {
    await put(
      await signedUpload(
        'up',
        { ...app, 'lib_1_all.deb': await debFile('lib_1_all') },
        { binary: 'app lib' },
      ),
    );
    const content = await readFile(path('up/lib_1_all.deb'));
    await rm(path('up/lib_1_all.deb'));
    await include('up');
    await writeFile(path('up/lib_1_all.deb'), content);

    const { error } = await include('up');

    assert.equal(error, undefined);
    assert.deepEqual(await readdir(path('up')), []);
  });

  it('what a crash left in the temporary directory goes away', async () => {
    await put({ ...(await signedUpload('up', app)), 'root/tmp/upload-dead/x': 'x' });

    await include('up');

    assert.deepEqual(await readdir(path('root/tmp')), []);
  });

  it('a stop leaves nothing of the upload behind', async () => {
    await put(await signedUpload('up', app));
    const stop = new AbortController();

    const running = root.withApp((opened) =>
      includeChanges(
        opened,
        {
          paths: ['up'],
          directory: root.directory,
          acceptUnsigned: false,
          verification: { ignoreSignatures: true, provider: '', keyrings: [] },
          forceReplace: false,
          removeFiles: true,
          repo: 'r1',
        },
        { signal: stop.signal, report: () => stop.abort() },
      ),
    );

    await assert.rejects(running, { code: 'E_ABORTED' });
    await assertUntouched('up', ['app.changes', deb]);
  });

  it('a template that fails for one upload does not stop the next', async () => {
    await put({
      ...(await signedUpload('a', app, { source: 'x' })),
      ...(await signedUpload('b', app)),
    });
    const template = '{{if eq .Source "x"}}{{.Source.Y}}{{else}}r1{{end}}';

    const { stdout } = await include(`-repo=${template}`, 'a', 'b');

    assert.match(stdout, /process file app\.changes: error applying template to repo/);
    assert.match(stdout, /\[\+] app_1\.0_amd64 added/);
  });
});

function flipped(): Buffer {
  const bytes = Buffer.from(app[deb] ?? '');
  return Buffer.concat([bytes.subarray(0, -1), Buffer.from([(bytes.at(-1) ?? 0) ^ 1])]);
}

/** The text of the first with the signature packets of both. */
function withBoth(one: string, two: string): string {
  const packets = [one, two].map((document) => {
    const armour = document.slice(document.indexOf('-----BEGIN PGP SIGNATURE'));
    const lines = armour
      .split('\n')
      .slice(2, -2)
      .filter((line) => !line.startsWith('='));
    return Buffer.from(lines.join(''), 'base64');
  });
  const joined = Buffer.concat(packets).toString('base64').replace(/.{64}/g, '$&\n');
  const head = one.slice(0, one.indexOf('-----BEGIN PGP SIGNATURE'));
  return `${head}-----BEGIN PGP SIGNATURE-----\n\n${joined}\n-----END PGP SIGNATURE-----\n`;
}
