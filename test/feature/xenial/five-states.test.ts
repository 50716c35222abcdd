import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { App } from '../../../src/app/app.ts';
import { EspejoError } from '../../../src/core/errors.ts';
import type { SyncResult } from '../../../src/mirror/sync.ts';
import { strict, syncMirrors } from '../../../src/mirror/sync-mirrors.ts';
import { publishAll } from '../../../src/publish/publish-configured.ts';
import { verifyAll } from '../../../src/publish/verify-all.ts';
import { openTestApp, silentJob } from '../../support/open-test-app.ts';
import { skipWithout } from '../../support/programs.ts';
import { installKey } from '../../support/signing-keys.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { skipWithoutXenial, xenialDirectory } from '../../support/xenial.ts';
import { startXenial, type XenialUpstream, xenialStates } from '../../support/xenial-upstream.ts';

/** Their whole dependency closure is in the data. */
const closed = [
  ...['java-common', 'libsecret-common', 'libjson-glib-1.0-common', 'fonts-dejavu-core', 'libpeas-common'],
  ...['distro-info-data', 'hicolor-icon-theme', 'emacsen-common', 'glib-networking-common'],
  ...['libgdk-pixbuf2.0-common', 'libgphoto2-l10n', 'libasound2-data', 'libatk1.0-data', 'mime-support'],
  'libklibc',
];
/** Both of their versions are there, but not what they need. */
const replaced = ['libudev1', 'libpam-systemd', 'systemd-sysv'];
const lastBefore = 2;

const keyrings = {
  'the keyring that espejo ships': resolve(import.meta.dirname, '../../../keys/ubuntu-archive-keyring.gpg'),
  'the keyring of xenial itself': join(xenialDirectory, 'keyrings/ubuntu-archive-keyring.gpg'),
};

for (const [title, keyring] of Object.entries(keyrings)) {
  describe(`the genuine xenial archive through its five states, with ${title}`, {
    skip: skipWithoutXenial,
  }, () => {
    const root = skipWithoutXenial ? '' : temporaryDirectory('xenial');
    const states: StateResult[] = [];
    let upstream: XenialUpstream;
    let app: App;

    before(async () => {
      upstream = await startXenial();
      await installKey('mirror', join(root, 'keys'));
      app = await openTestApp(join(root, 'espejo.json'), configOf(root, upstream.url, keyring));
      for (const [state] of xenialStates.entries()) {
        upstream.turnTo(state);
        states.push(await bringToState(app, upstream));
      }
    });

    after(async () => {
      await app?.close();
      await upstream?.close();
    });

    it('syncs, publishes and verifies each', () => {
      const [first] = states;

      assert.equal(states.length, xenialStates.length);
      assert.equal(first?.verifiedFiles, closed.length + replaced.length);
      for (const { synced, verifiedFiles } of states) {
        assert.deepEqual(
          synced.map(({ outcome }) => outcome),
          ['synced', 'synced'],
        );
        for (const one of synced) assert.equal(one.filesPresent, one.filesExpected);
        assert.equal(verifiedFiles, closed.length + replaced.length);
      }
    });

    it('needs nothing that the mirror of closed packages lacks', () => {
      const closedMirror = states.map(({ synced: [one] }) => one);

      for (const one of closedMirror) assert.deepEqual(one?.unsatisfied, []);
    });

    it('fetches no package file twice', () => {
      const debs = states.flatMap(({ answered }) => answered).filter((path) => path.endsWith('.deb'));
      const twice = debs.filter((path, position) => debs.indexOf(path) !== position);

      assert.deepEqual(twice, []);
      assert.equal(debs.length, closed.length + 2 * replaced.length);
    });

    it('fetches no index twice', () => {
      const bodies = states.map(({ answered }) => answered.filter((path) => path.includes('/binary-')));
      const ofTheRelease = bodies.flat().filter((path) => path.startsWith('/dists/xenial/'));

      assert.deepEqual(ofTheRelease, ['/dists/xenial/main/binary-amd64/Packages.gz']);
    });

    it('asks an unchanged upstream one conditional question a suite', () => {
      for (const { second } of states) {
        assert.deepEqual(second.outcomes, ['unchanged', 'unchanged', 'unchanged']);
        assert.deepEqual(
          second.requests,
          [...suiteNames, ...suiteNames].map((suite) => `304 GET /dists/${suite}/InRelease`).sort(),
        );
      }
    });

    it('serves the replaced packages in the version of each state', () => {
      const versions = states.map(({ packages }) =>
        replaced.map((name) => versionOf(packages, name)).join(' '),
      );

      const older = '229-4ubuntu11 229-4ubuntu11 229-4ubuntu11';
      const newer = '229-4ubuntu12 229-4ubuntu12 229-4ubuntu12';
      assert.deepEqual(
        versions,
        states.map((_, state) => (state <= lastBefore ? older : newer)),
      );
    });

    it('signs what gpgv accepts', { skip: skipWithout('gpgv', '--version') }, () => {
      const dist = join(root, 'public/ubuntu/dists/xenial');
      const publicKey = join(root, 'keys/espejo.pub.gpg');

      const clear = spawnSync('gpgv', ['--keyring', publicKey, join(dist, 'InRelease')], {
        encoding: 'utf8',
      });
      const detached = spawnSync(
        'gpgv',
        ['--keyring', publicKey, join(dist, 'Release.gpg'), join(dist, 'Release')],
        { encoding: 'utf8' },
      );

      assert.equal(clear.status, 0, clear.stderr);
      assert.equal(detached.status, 0, detached.stderr);
    });
  });
}

describe('a package whose file the genuine archive lacks', { skip: skipWithoutXenial }, () => {
  const root = skipWithoutXenial ? '' : temporaryDirectory('xenial');
  let upstream: XenialUpstream;

  before(async () => {
    upstream = await startXenial();
    await installKey('mirror', join(root, 'keys'));
  });

  after(async () => {
    await upstream?.close();
  });

  it('fails by name, and the last publication stays whole', async () => {
    const path = join(root, 'espejo.json');
    const config = configOf(root, upstream.url, keyrings['the keyring that espejo ships']);
    const good = await openTestApp(path, config);
    await bringToState(good, upstream);
    await good.close();
    const inRelease = join(root, 'public/ubuntu/dists/xenial/InRelease');
    const before = readFileSync(inRelease);
    upstream.turnTo(lastBefore + 1);
    const bad = await openTestApp(path, {
      ...config,
      mirrors: { ...config.mirrors, closed: { ...config.mirrors.closed, packages: [...closed, 'libgcc1'] } },
    });

    const failure = await syncMirrors(
      bad,
      { mirrors: ['closed'], force: false, relaxed: strict },
      silentJob(),
    ).then(
      () => undefined,
      (error: unknown) => error,
    );

    const [published] = await publishAll(bad, { publications: [], force: false }, silentJob());
    const [verified] = await verifyAll(bad, [], silentJob());
    await bad.close();
    assert.ok(failure instanceof EspejoError);
    assert.equal(failure.code, 'E_PACKAGE_FETCH');
    assert.match(
      failure.message,
      /libgcc1_1:6\.0\.1-0ubuntu1_amd64 \(http\S+libgcc1_6\.0\.1-0ubuntu1_amd64\.deb: HTTP 404/,
    );
    assert.equal(published?.outcome, 'unchanged');
    assert.equal(verified?.files, closed.length + replaced.length);
    assert.deepEqual(readFileSync(inRelease), before);
  });
});

const suiteNames = ['xenial', 'xenial-updates', 'xenial-security', 'xenial-backports'];

type StateResult = {
  readonly synced: readonly SyncResult[];
  readonly verifiedFiles: number | undefined;
  /** Paths that were answered with a body. */
  readonly answered: readonly string[];
  readonly second: { readonly outcomes: readonly string[]; readonly requests: readonly string[] };
  /** The published index. */
  readonly packages: string;
};

async function bringToState(app: App, upstream: XenialUpstream): Promise<StateResult> {
  const choice = { mirrors: [], force: false, relaxed: strict };
  const all = { publications: [], force: false };
  upstream.forget();
  const synced = await syncMirrors(app, choice, silentJob());
  await publishAll(app, all, silentJob());
  const [verified] = await verifyAll(app, [], silentJob());
  const answered = upstream.requests.filter(({ status }) => status === 200).map(({ path }) => path);
  upstream.forget();
  const again = await syncMirrors(app, choice, silentJob());
  const published = await publishAll(app, all, silentJob());
  const index = join(app.publicDirectory, 'ubuntu/dists/xenial/main/binary-amd64/Packages');
  return {
    synced,
    verifiedFiles: verified?.files,
    answered,
    second: {
      outcomes: [...again, ...published].map(({ outcome }) => outcome),
      requests: upstream.requests.map(({ status, method, path }) => `${status} ${method} ${path}`).sort(),
    },
    packages: readFileSync(index, 'utf8'),
  };
}

function versionOf(packages: string, name: string): string | undefined {
  const stanza = packages.split('\n\n').find((one) => one.startsWith(`Package: ${name}\n`));
  return /^Version: (.*)$/m.exec(stanza ?? '')?.[1];
}

function configOf(root: string, url: string, keyring: string) {
  const mirror = { url, keyring, suites: suiteNames, components: ['main'], architectures: ['amd64'] };
  return {
    root_dir: root,
    mirrors: {
      closed: { ...mirror, packages: closed },
      replaced: { ...mirror, packages: replaced, dependencies: false },
    },
    publications: {
      xenial: {
        prefix: 'ubuntu',
        distribution: 'xenial',
        mirrors: ['closed', 'replaced'],
        keep_generations: 1,
      },
    },
  };
}
