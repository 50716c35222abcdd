import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { digestsOf } from '../../src/core/digest.ts';
import { type MirrorSite, makeMirrorSite } from '../builders/mirror-site.ts';

describe('espejo plan', () => {
  let site: MirrorSite;
  before(async () => {
    site = await makeMirrorSite();
  });
  after(() => site?.[Symbol.asyncDispose]());

  it('says what would come, why, and how much', async () => {
    const { stdout, exit } = await site.run('plan', '-quiet');

    assert.equal(exit, 0);
    assert.equal(
      site.normal(stdout),
      `xenial: 5 packages, 5 files (<size>)
  mirror-games_0.9-2_all  asked for: mirror-games
  mirror-tools_1.0-1ubuntu1_amd64  asked for: mirror-tools (>= 1.0-1)
  mirror-postman_2.3-1_amd64  Depends of mirror-games_0.9-2_all: mirror-missing | mirror-mail (>= 2)
  mirror-base_1.0_all  Pre-Depends of mirror-tools_1.0-1ubuntu1_amd64: mirror-base
  libmirror1_1.0-1ubuntu0.1_amd64  Depends of mirror-tools_1.0-1ubuntu1_amd64: libmirror1 (>= 1.0-1)
unsatisfied relations: none
changes since the last sync:
  [+] libmirror1_1.0-1ubuntu0.1_amd64
  [+] mirror-base_1.0_all
  [+] mirror-games_0.9-2_all
  [+] mirror-postman_2.3-1_amd64
  [+] mirror-tools_1.0-1ubuntu1_amd64
to fetch: 5 files (<size>)
`,
    );
  });

  it('shows the whole chain of a distant dependency', async () => {
    site.configure((config) => withPackages(config, ['mirror-games']));

    const { stdout } = await site.run('plan', '-quiet');

    const tools = 'mirror-games_0.9-2_all -> mirror-tools_1.0-1ubuntu1_amd64';
    assert.ok(
      stdout.includes(
        `  mirror-base_1.0_all  Pre-Depends of mirror-tools_1.0-1ubuntu1_amd64: mirror-base (${tools} -> mirror-base_1.0_all)\n`,
      ),
      stdout,
    );
  });

  it('tells relations that nothing satisfies, with the chain', async () => {
    site.configure((config) => ({
      ...config,
      mirrors: {
        xenial: { ...config.mirrors.xenial, suites: ['xenial-updates'], packages: ['mirror-tools'] },
      },
    }));

    const { stdout, exit } = await site.run('plan', '-quiet');

    assert.equal(exit, 0);
    assert.match(
      stdout,
      / {2}\[!\] unsatisfied: Depends libmirror1 \(>= 1\.0-1\) \[amd64\] \(mirror-tools_1\.0-1ubuntu1_amd64\)\n/,
    );
  });

  it('downloads nothing, nor does sync -dry-run, which is the same', async () => {
    site.configure((config) => config);
    const plan = await site.run('plan', '-quiet');
    site.upstream.forget();

    const { stdout, exit } = await site.run('sync', '-dry-run', '-quiet');

    assert.equal(exit, 0);
    assert.equal(stdout, plan.stdout);
    assert.deepEqual(
      site.upstream.requests.filter(({ path }) => path.endsWith('.deb')),
      [],
    );
  });

  it('has a documented shape with -json', async () => {
    site.configure((config) => config);

    const { stdout, exit } = await site.run('plan', '-json', 'xenial');

    const [plan] = JSON.parse(stdout);
    assert.equal(exit, 0);
    assert.deepEqual(Object.keys(plan), [
      ...['mirror', 'packages', 'sources', 'unsatisfied', 'files', 'bytes'],
      ...['fetchFiles', 'fetchBytes', 'added', 'removed'],
    ]);
    assert.deepEqual(plan.packages[3], {
      package: 'mirror-base_1.0_all',
      size: plan.packages[3].size,
      reason: {
        kind: 'dependency',
        of: 'mirror-tools_1.0-1ubuntu1_amd64',
        field: 'Pre-Depends',
        relation: 'mirror-base',
      },
      chain: ['mirror-tools_1.0-1ubuntu1_amd64', 'mirror-base_1.0_all'],
    });
    assert.equal(plan.fetchFiles.length, plan.files);
    for (const { urls } of plan.fetchFiles) assert.match(urls[0], /^http:.*\.deb$/);
  });

  it('does not mind a reader that goes away', async () => {
    const command = site.start('plan', '-quiet');
    command.child.stdout.destroy();

    const { exit, stderr } = await command.ended;

    assert.equal(stderr, '');
    assert.equal(exit, 0);
  });
});

describe('espejo sync', () => {
  let site: MirrorSite;
  before(async () => {
    site = await makeMirrorSite();
  });
  after(() => site?.[Symbol.asyncDispose]());

  it('ends with its postcondition', async () => {
    const { stdout, stderr, exit } = await site.run('sync');

    assert.equal(exit, 0);
    assert.equal(
      site.normal(stdout),
      'xenial: synced, 5 packages, files expected 5, present 5; fetched 5 (<size>), reused 0 (0 B); 12 requests\n',
    );
    const phases = stderr.split('\n').filter((line) => line.startsWith('xenial: '));
    assert.deepEqual(phases, [
      'xenial: checking Release files',
      'xenial: reading package indexes',
      'xenial: selecting packages',
      'xenial: downloading packages',
      'xenial: saving the new state',
    ]);
  });

  it('asks once a suite while nothing has changed', async () => {
    const { stdout, exit } = await site.run('sync', 'xenial');

    assert.equal(exit, 0);
    assert.equal(stdout, 'xenial: unchanged, 5 packages, 3 requests\n');
  });

  it('does all the work with -force', async () => {
    const { stdout, exit } = await site.run('sync', '-force', '-quiet');

    assert.equal(exit, 0);
    assert.match(
      stdout,
      /^xenial: synced, 5 packages, files expected 5, present 5; fetched 0 \(0 B\), reused 5/,
    );
  });

  it('has a documented shape with -json, and progress in JSON lines', async () => {
    const { stdout, stderr, exit } = await site.run('sync', '-json');

    assert.equal(exit, 0);
    assert.deepEqual(JSON.parse(stdout), [
      {
        mirror: 'xenial',
        outcome: 'unchanged',
        packages: 5,
        filesExpected: 0,
        filesPresent: 0,
        download: { filesFetched: 0, bytesFetched: 0, filesReused: 0, bytesReused: 0 },
        requests: 3,
        unsatisfied: [],
        missing: [],
        warnings: 0,
        leftOut: { packages: 0, reasons: {} },
      },
    ]);
    assert.deepEqual(JSON.parse(stderr.split('\n', 1)[0] ?? ''), {
      type: 'phase',
      phase: 'release',
      subject: 'xenial',
    });
  });

  it('goes on with other mirrors when one fails, and ends with 1', async () => {
    await using site = await makeMirrorSite();
    site.configure((config) => ({
      ...config,
      mirrors: { broken: { ...config.mirrors.xenial, suites: ['trusty'] }, ...config.mirrors },
    }));

    const { stdout, stderr, exit } = await site.run('sync', '-quiet');

    assert.equal(exit, 1);
    assert.match(stdout, /^xenial: synced, 5 packages/);
    assert.match(
      stderr,
      /^ERROR: .*dists\/trusty: has neither InRelease nor Release .*\[E_FETCH_NOT_FOUND\]\n$/,
    );
  });

  it('stops at SIGINT, and the next run goes on', async () => {
    await using stalled = await makeMirrorSite();
    const slow = '/pool/main/m/mirror-base/mirror-base_1.0_all.deb';
    stalled.upstream.fault(slow, { kind: 'stall', after: 100 }, 1);
    const command = stalled.start('sync');
    await command.said('stderr', /Downloading: \S+mirror-base_1\.0_all\.deb/);
    const others = stalled.upstream.requests.filter(({ path }) => path.endsWith('.deb')).length - 1;

    command.child.kill('SIGINT');
    const stopped = await command.ended;

    assert.equal(stopped.exit, 1);
    assert.match(
      stopped.stderr,
      /\nERROR: stopped before it was finished \(what was downloaded is kept; run the same command again to go on\) \[E_ABORTED\]\n$/,
    );
    const again = await stalled.run('sync', '-quiet');
    assert.equal(again.exit, 0);
    assert.ok(others > 0);
    assert.match(again.stdout, /present 5/);
  });

  it('survives SIGKILL at any phase: the published state stays, and the next run finishes', async () => {
    await using site = await makeMirrorSite();
    await site.run('sync', '-quiet');
    await site.run('publish', '-quiet');
    const index = 'dists/xenial-updates/main/binary-amd64';
    const nextOf = [
      () => '/dists/xenial-updates/InRelease',
      () => {
        const { digests } = digestsOf(site.upstream.files.get(`/${index}/Packages.gz`) as Buffer);
        return `/${index}/by-hash/SHA512/${digests.sha512}`;
      },
      () => [...site.upstream.files.keys()].findLast((path) => /mirror-tools_.*\.deb$/.test(path)) ?? '',
    ];

    for (const [position, next] of nextOf.entries()) {
      await site.turnTo(position + 1);
      const stalled = next();
      site.upstream.fault(stalled, { kind: 'stall', after: 10 }, 1);
      const command = site.start('sync');
      await command.said('stderr', new RegExp(`Downloading: \\S+${stalled.replaceAll('.', '\\.')}`));
      command.child.kill('SIGKILL');
      await command.ended;

      const verified = await site.run('verify', '-quiet');
      const synced = await site.run('sync', '-quiet');

      assert.equal(verified.exit, 0);
      assert.equal(synced.exit, 0, synced.stderr);
      assert.match(synced.stdout, /synced, 5 packages, files expected 5, present 5/);
    }
  });
});

function withPackages<Config extends { mirrors: { xenial: object } }>(
  config: Config,
  packages: readonly string[],
) {
  return { ...config, mirrors: { xenial: { ...config.mirrors.xenial, packages } } };
}
