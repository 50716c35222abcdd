import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type MirrorSite, makeMirrorSite } from '../builders/mirror-site.ts';
import { skipWithout } from '../support/programs.ts';

describe('espejo key', () => {
  let site: MirrorSite;
  before(async () => {
    site = await makeMirrorSite();
  });
  after(() => site?.[Symbol.asyncDispose]());

  it('generate makes a pair of RSA 4096 once', async () => {
    const directory = join(site.directory, 'fresh');
    site.configure((config) => ({ ...config, keys: { directory, user_id: 'Fresh <fresh@localhost>' } }));

    const first = await site.run('key', 'generate');
    const second = await site.run('key', 'generate', '-json');
    const shown = await site.run('key', 'show');

    site.configure((config) => config);
    assert.equal(
      site.normal(first.stdout),
      `made a new signing key
fingerprint: <fingerprint>
private key: <directory>/fresh/espejo.sec.asc
public key:  <directory>/fresh/espejo.pub.asc
`,
    );
    const { created, fingerprint, ...paths } = JSON.parse(second.stdout);
    assert.equal(created, false);
    assert.ok(first.stdout.includes(fingerprint));
    assert.deepEqual(Object.keys(paths), ['privatePath', 'publicPath']);
    assert.match(shown.stdout, /^algorithm: {3}rsa4096$/m);
    assert.match(shown.stdout, /^user id: {5}Fresh <fresh@localhost>$/m);
    assert.equal(statSync(paths.privatePath).mode & 0o777, 0o600);
  });

  it('generate leaves a key that is there', async () => {
    const { stdout } = await site.run('key', 'generate');

    assert.match(stdout, /^there is a signing key already; it was left as it is\n/);
  });

  it('show has a documented shape with -json', async () => {
    const { stdout } = await site.run('key', 'show', '-json');

    assert.deepEqual(Object.keys(JSON.parse(stdout)), ['fingerprint', 'algorithm', 'createdAt', 'userIds']);
  });

  it('show finds a key by part of its user id, and says when it does not', async () => {
    const found = await site.run('key', 'show', 'mirror@localhost');
    const lost = await site.run('key', 'show', 'nobody');

    assert.equal(found.exit, 0);
    assert.equal(lost.exit, 1);
    assert.match(lost.stderr, /^ERROR: no private key fits "nobody" \(.*\) \[E_KEY_NOT_FOUND\]\n$/);
  });

  it('export prints the public key alone', async () => {
    const { stdout, stderr } = await site.run('key', 'export');

    assert.match(stdout, /^-----BEGIN PGP PUBLIC KEY BLOCK-----\n/);
    assert.doesNotMatch(stdout, /PRIVATE/);
    assert.equal(stderr, '');
  });

  it('export -binary is what gpgv reads', { skip: skipWithout('gpgv', '--version') }, async () => {
    await site.run('sync', '-quiet');
    await site.run('publish', '-quiet');

    const { stdout } = await site.run('key', 'export', '-binary', '-output=mirror.gpg');

    const { status, stderr } = spawnSync('gpgv', [
      '--keyring',
      join(site.directory, 'mirror.gpg'),
      join(site.root, 'public/ubuntu/dists/xenial/InRelease'),
    ]);
    assert.equal(stdout, 'wrote mirror.gpg\n');
    assert.equal(status, 0, String(stderr));
  });

  it('export -binary gives the same bytes on standard output', async () => {
    const { bytes } = await site.run('key', 'export', '-binary');

    assert.deepEqual(bytes, readFileSync(join(site.root, 'keys/espejo.pub.gpg')));
  });
});
