import assert from 'node:assert/strict';
import { appendFileSync, globSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type MirrorSite, makeMirrorSite } from '../builders/mirror-site.ts';

describe('espejo publish', () => {
  let site: MirrorSite;
  before(async () => {
    site = await makeMirrorSite();
  });
  after(() => site?.[Symbol.asyncDispose]());

  it('needs a sync before', async () => {
    const { stderr, exit } = await site.run('publish');

    assert.equal(exit, 1);
    assert.equal(
      stderr,
      'ERROR: mirror xenial: was not synced yet (run "espejo sync xenial" first) [E_MIRROR_EMPTY]\n',
    );
  });

  it('lists what was not published yet', async () => {
    const { stdout } = await site.run('publish', '-list');

    assert.equal(stdout, 'xenial: ubuntu xenial\n   not published yet\n');
  });

  it('publishes a generation', async () => {
    await site.run('sync', '-quiet');

    const { stdout, stderr, exit } = await site.run('publish');

    assert.equal(exit, 0);
    assert.equal(
      site.normal(stdout),
      'xenial: published, generation <generation>, 5 packages, snapshots xenial-main-<time> xenial-universe-<time>\n',
    );
    assert.equal(stderr, 'xenial: writing indexes\nxenial: signing\nxenial: switching to the new tree\n');
    assert.match(inRelease(site), /^-----BEGIN PGP SIGNED MESSAGE-----/);
  });

  it('touches nothing while nothing has changed', async () => {
    const before = inRelease(site);

    const { stdout } = await site.run('publish', '-publication=xenial', '-quiet');

    assert.equal(site.normal(stdout), 'xenial: unchanged, generation <generation>, 5 packages\n');
    assert.equal(inRelease(site), before);
  });

  it('publishes anew with -force', async () => {
    const { stdout } = await site.run('publish', '-force', '-json');

    const [result] = JSON.parse(stdout);
    assert.deepEqual(Object.keys(result), [
      'publication',
      'outcome',
      'generation',
      'snapshots',
      'packages',
      'warnings',
      'leftOut',
    ]);
    assert.equal(result.outcome, 'published');
  });

  it('has nowhere to roll back to before the content has changed', async () => {
    const { stderr, exit } = await site.run('publish', '-rollback');

    assert.equal(exit, 1);
    assert.match(
      stderr,
      /^ERROR: publication xenial: has no earlier generation \(.*\) \[E_GENERATION_NOT_FOUND\]\n$/,
    );
  });

  it('rolls back, holds, and follows again', async () => {
    await site.turnTo(1);
    await site.run('sync', '-quiet');
    await site.run('publish', '-quiet');

    const back = await site.run('publish', '-rollback', '-quiet');
    const rolledBack = toolsVersion(site);
    const held = await site.run('publish', '-quiet');
    const [listed] = JSON.parse((await site.run('publish', '-list', '-json')).stdout);
    const resumed = await site.run('publish', '-resume', '-quiet');

    assert.match(
      site.normal(back.stdout),
      /^xenial: back at generation <generation> of \S+, published as generation <generation>, 5 packages; held there until "espejo publish -publication=xenial -resume"\n$/,
    );
    assert.equal(rolledBack, '1.0-1ubuntu1');
    assert.equal(
      site.normal(held.stdout),
      'xenial: held by a rollback, generation <generation>, 5 packages; "espejo publish -resume" follows the mirrors again\n',
    );
    assert.deepEqual(Object.keys(listed), [
      'name',
      'prefix',
      'distribution',
      'current',
      'hold',
      'generations',
    ]);
    assert.deepEqual(Object.keys(listed.hold), ['since', 'generation']);
    assert.equal(listed.current, listed.generations[0].id);
    assert.match(resumed.stdout, /^xenial: published, generation/);
    assert.equal(toolsVersion(site), '1.0-1ubuntu2');
  });

  it('rolls back to a generation by name', async () => {
    const [listed] = JSON.parse((await site.run('publish', '-list', '-json')).stdout);
    const oldest = listed.generations.at(-1).id;

    const { exit } = await site.run('publish', '-rollback', `-to=${oldest}`, '-quiet');

    assert.equal(exit, 0);
    assert.equal(toolsVersion(site), '1.0-1ubuntu1');
    await site.run('publish', '-resume', '-quiet');
  });

  it('knows generations and publications by name only', async () => {
    const generation = await site.run('publish', '-rollback', '-to=never');
    const publication = await site.run('publish', '-publication=xenal');

    assert.match(
      generation.stderr,
      /^ERROR: publication xenial: has no generation never \(it has .*\) \[E_GENERATION_NOT_FOUND\]\n$/,
    );
    assert.equal(
      publication.stderr,
      'ERROR: publication with name xenal not found (did you mean xenial? there is xenial) [E_PUBLICATION_NOT_FOUND]\n',
    );
  });

  for (const flags of [
    ['-resume', '-force'],
    ['-list', '-rollback'],
    ['-list', '-to=x'],
  ]) {
    it(`refuses ${flags.join(' with ')}`, async () => {
      const { stderr, exit } = await site.run('publish', ...flags);

      assert.equal(exit, 2);
      assert.match(stderr, /^ERROR: .* \(see: espejo help publish\) \[E_USAGE\]\n/);
    });
  }
});

describe('espejo verify', () => {
  let site: MirrorSite;
  before(async () => {
    site = await makeMirrorSite();
  });
  after(() => site?.[Symbol.asyncDispose]());

  it('says that there is nothing yet', async () => {
    const { stderr, exit } = await site.run('verify');

    assert.equal(exit, 1);
    assert.equal(
      stderr,
      'ERROR: publication xenial: was not published yet (run "espejo publish -publication=xenial" first) [E_PUBLICATION_NOT_FOUND]\n',
    );
  });

  it('walks the tree', async () => {
    await site.run('sync', '-quiet');
    await site.run('publish', '-quiet');

    const text = await site.run('verify', 'xenial');
    const json = await site.run('verify', '-json');

    assert.equal(text.exit, 0);
    assert.equal(
      site.normal(text.stdout),
      'xenial: verified, 8 index files, 5 packages, 5 package files, <size> read\n',
    );
    const [result] = JSON.parse(json.stdout);
    assert.deepEqual(Object.keys(result), ['publication', 'indexes', 'packages', 'files', 'bytes']);
  });

  it('fails by name on one changed byte', async () => {
    appendFileSync(join(site.root, 'public/ubuntu/dists/xenial/main/binary-amd64/Packages'), ' ');

    const { stderr, exit } = await site.run('verify', '-quiet');

    assert.equal(exit, 1);
    assert.match(
      stderr,
      /^ERROR: publication xenial: .*main\/binary-amd64\/Packages.* \[E_VERIFY_FAILED\]\n$/,
    );
  });

  it('is mended by what it recommends, also after an edit that kept size and time', async () => {
    const deb = globSync('public/ubuntu/pool/main/m/mirror-tools/*.deb', { cwd: site.root }).at(0) ?? '';
    const path = join(site.root, deb);
    const { atime, mtime } = statSync(path);
    writeFileSync(path, readFileSync(path).toReversed());
    utimesSync(path, atime, mtime);

    const broken = await site.run('verify', '-quiet');
    const sync = await site.run('sync', '-force', '-quiet');
    const publish = await site.run('publish', '-force', '-quiet');
    const mended = await site.run('verify', '-quiet');

    assert.match(broken.stderr, /mirror-tools_.*\.deb.* \[E_VERIFY_FAILED\]/);
    assert.match(sync.stdout, /fetched 1 .*reused 4/);
    assert.deepEqual([sync.exit, publish.exit, mended.exit], [0, 0, 0]);
  });
});

function inRelease({ root }: MirrorSite): string {
  return readFileSync(join(root, 'public/ubuntu/dists/xenial/InRelease'), 'utf8');
}

function toolsVersion({ root }: MirrorSite): string | undefined {
  const index = readFileSync(join(root, 'public/ubuntu/dists/xenial/main/binary-amd64/Packages'), 'utf8');
  return (
    /^Package: mirror-tools\nVersion: (.*)$/m.exec(index)?.[1] ??
    /mirror-tools\n(?:.+\n)*?Version: (.*)$/m.exec(index)?.[1]
  );
}
