import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { verifyAll } from '../../src/publish/verify-all.ts';
import { type MirrorSite, makeMirrorSite, type SiteConfig } from '../builders/mirror-site.ts';
import { openTestApp, silentJob } from '../support/open-test-app.ts';
import { type CliRun, espejoProgram, runCli } from '../support/run-cli.ts';
import { signingKey } from '../support/signing-keys.ts';

const inReleasePath = '/dists/xenial-updates/InRelease';
const toolsPath = '/pool/main/m/mirror-tools/mirror-tools_1.0-1ubuntu2_amd64.deb';

type BadInput = {
  readonly title: string;
  /** Breaks something, with the upstream one state ahead of the published tree. */
  readonly arrange: (site: MirrorSite) => unknown;
  readonly command?: readonly string[];
  /** The whole of standard error: one line. */
  readonly says: RegExp;
};

const cases: readonly BadInput[] = [
  {
    title: 'a misspelled key of the configuration',
    arrange: (site) => site.configure((config) => ({ ...config, mirorrs: config.mirrors })),
    says: /espejo\.yaml:1: mirorrs: unknown key \(did you mean "mirrors"\?\).* \[E_CONFIG_INVALID\]$/,
  },
  {
    title: 'a wrong value in the configuration',
    arrange: (site) => site.configure((config) => ({ ...config, limits: { concurrency: 'many' } })),
    says: /espejo\.yaml:1: limits\.concurrency: .* \[E_CONFIG_INVALID\]$/,
  },
  {
    title: 'a configuration that is no YAML',
    arrange: ({ directory }) => writeFileSync(join(directory, 'espejo.yaml'), 'mirrors: [\n'),
    says: /espejo\.yaml:\d+:\d+: not YAML: .* \[E_CONFIG_SYNTAX\]$/,
  },
  {
    title: 'a configuration that is not there',
    arrange: () => undefined,
    command: ['sync', '-config=nowhere.yaml'],
    says: /there is no configuration file <directory>\/nowhere\.yaml \(check the path after -config\) \[E_CONFIG_NOT_FOUND\]$/,
  },
  {
    title: 'a keyring that is not there',
    arrange: (site) => site.configure((config) => withMirror(config, { keyring: '/nowhere.gpg' })),
    says: /\/nowhere\.gpg.* \[E_KEYRING_INVALID\]$/,
  },
  {
    title: 'an upstream that cannot be reached',
    arrange: (site) => site.upstream.fault(inReleasePath, { kind: 'refuse' }),
    // The other suite, when it is asked for after the origin counts as down, may be the one that is told.
    says: /^ERROR: <upstream>\/dists\/xenial(?:-updates)?\/InRelease: .* \(.+\) \[E_FETCH_NETWORK\]$/,
  },
  {
    title: 'an upstream that answers with an error',
    arrange: (site) => site.upstream.fault(inReleasePath, { kind: 'status', status: 401 }),
    says: /<upstream>\/dists\/xenial-updates\/InRelease: HTTP 401 .*\[E_FETCH_STATUS\]$/,
  },
  {
    title: 'an upstream without that suite',
    arrange: (site) => site.configure((config) => withMirror(config, { suites: ['xenail'] })),
    says: /<upstream>\/dists\/xenail: has neither InRelease nor Release \(check "url" and "suites" of the mirror\) \[E_FETCH_NOT_FOUND\]$/,
  },
  {
    title: 'an upstream that serves a page instead of a Release',
    arrange: ({ upstream }) => upstream.files.set(inReleasePath, Buffer.from('<html>Log in first</html>\n')),
    says: /<upstream>\/dists\/xenial-updates\/InRelease: .* \[E_SIGNATURE_MISSING\]$/,
  },
  {
    title: 'a Release that was changed after it was signed',
    arrange: ({ upstream }) => {
      const text = String(upstream.files.get(inReleasePath));
      upstream.files.set(inReleasePath, Buffer.from(text.replace('Origin: Espejo', 'Origin: Esqejo')));
    },
    says: /<upstream>\/dists\/xenial-updates\/InRelease: .* \[E_SIGNATURE_INVALID\]$/,
  },
  {
    title: 'a Release signed by a stranger',
    arrange: async (site) => {
      const { publicPath } = await signingKey('stranger');
      site.configure((config) => withMirror(config, { keyring: publicPath }));
    },
    says: /<upstream>\/dists\/xenial[-a-z]*\/InRelease: .* \[E_SIGNATURE_UNKNOWN_KEY\]$/,
  },
  {
    title: 'a Release past its Valid-Until',
    arrange: ({ upstream }) =>
      resign(upstream, (text) =>
        text.replace('\nAcquire', '\nValid-Until: Sat, 30 Apr 2016 00:00:00 UTC\nAcquire'),
      ),
    says: /<upstream>\/dists\/xenial-updates\/InRelease: was valid until .*-ignore-valid-until\) \[E_RELEASE_EXPIRED\]$/,
  },
  {
    title: 'a Release that is older than the last one',
    arrange: ({ upstream }) =>
      resign(upstream, (text) => text.replace(/^Date: .*$/m, 'Date: Wed, 20 Apr 2016 00:00:00 UTC')),
    says: /<upstream>\/dists\/xenial-updates\/InRelease: .*-allow-older-release.* \[E_RELEASE_OLDER\]$/,
  },
  {
    title: 'a package of another digest',
    arrange: ({ upstream }) => upstream.fault(toolsPath, { kind: 'wrong-bytes' }),
    says: /mirror-tools_1\.0-1ubuntu2_amd64 \(<upstream>\/.*its index says .*\[E_PACKAGE_FETCH\]$/,
  },
  {
    title: 'a package of another size',
    arrange: ({ upstream }) => upstream.fault(toolsPath, { kind: 'wrong-length', length: 100 }),
    says: /mirror-tools_1\.0-1ubuntu2_amd64 \(<upstream>\/.*(size|bytes).*\[E_PACKAGE_FETCH\]$/,
  },
  {
    title: 'a package that upstream lists but lacks',
    arrange: ({ upstream }) => upstream.files.delete(toolsPath),
    says: /1 of 1 files could not be downloaded: mirror-tools_1\.0-1ubuntu2_amd64 \(<upstream>\/pool\/\S+: HTTP 404 Not Found\) \(nothing was changed .*\) \[E_PACKAGE_FETCH\]$/,
  },
  {
    title: 'a package name that exists nowhere',
    arrange: (site) => site.configure((config) => withMirror(config, { packages: ['miror-tools'] })),
    says: /^ERROR: miror-tools exists nowhere, close is mirror-tools\b.* \(correct "packages" of the mirror, .*\) \[E_PACKAGE_UNKNOWN\]$/,
  },
  {
    title: 'a component that upstream lacks',
    arrange: (site) => site.configure((config) => withMirror(config, { components: ['mian'] })),
    says: /has no component mian \(it has main, universe\) \[E_COMPONENT_UNKNOWN\]$/,
  },
  {
    title: 'a package query that is malformed',
    arrange: (site) => site.configure((config) => withMirror(config, { packages: ['Priority (required'] })),
    says: /espejo\.yaml:1: mirrors\.xenial\.packages.* \[E_(CONFIG_INVALID|QUERY_SYNTAX)\]$/,
  },
  {
    title: 'a signing key that is not there',
    arrange: (site) =>
      site.configure((config) => ({ ...config, keys: { directory: join(site.directory, 'none') } })),
    command: ['publish', '-force'],
    says: /<directory>\/none.* \(.*espejo key generate.*\) \[E_KEY_NOT_FOUND\]$/,
  },
];

describe('bad input is told in one line, and the old state stays whole', () => {
  let site: MirrorSite;
  let published: string;

  before(async () => {
    site = await makeMirrorSite();
    await site.run('sync', '-quiet');
    await site.run('publish', '-quiet');
    published = inRelease(site);
  });
  after(() => site?.[Symbol.asyncDispose]());

  for (const { title, arrange, command = ['sync'], says } of cases) {
    it(title, async () => {
      await site.turnTo(1);
      site.configure((config) => config);
      await arrange(site);

      const failed = await site.run(...command, '-quiet');

      site.upstream.clearFaults();
      site.configure((config) => config);
      assertOneLine(site, failed, says);
      assert.equal(inRelease(site), published);
      await assertWhole(site);
    });
  }

  it('a port that is in use', async () => {
    const taken = createServer();
    await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
    const { port } = taken.address() as AddressInfo;

    const failed = await site.run('daemon', `-listen=127.0.0.1:${port}`);

    taken.close();
    assertOneLine(site, failed, new RegExp(`127\\.0\\.0\\.1:${port}.* \\(.+\\) \\[E_PORT_IN_USE\\]$`));
  });

  it('a root directory that may not be written', { skip: asRoot() }, async () => {
    const place = join(site.directory, 'locked');
    mkdirSync(place);
    chmodSync(place, 0o555);
    site.configure((config) => ({ ...config, root_dir: join(place, 'root') }));

    const failed = await site.run('sync', '-quiet');

    chmodSync(place, 0o755);
    assertOneLine(site, failed, /locked\/root.*permission denied.*another root_dir\) \[E_PERMISSION\]$/);
  });

  it('a root directory below a file', async () => {
    writeFileSync(join(site.directory, 'file'), '');
    site.configure((config) => ({ ...config, root_dir: join(site.directory, 'file/root') }));

    const failed = await site.run('sync', '-quiet');

    assertOneLine(site, failed, /<directory>\/file is no directory \(.* choose another root_dir\) \[E_IO\]$/);
  });

  it('a catalog that is damaged', async () => {
    site.configure((config) => config);
    const database = join(site.root, 'db/espejo.db');
    renameSync(database, `${database}.good`);
    writeFileSync(database, Buffer.alloc(8192, 'x'));

    const failed = await site.run('sync', '-quiet');

    rmSync(database);
    renameSync(`${database}.good`, database);
    assertOneLine(site, failed, /\[E_CATALOG\]$/);
  });

  it('a disk that fills', { skip: withoutMounts() }, async () => {
    await site.turnTo(1);
    site.configure((config) => config);
    const small = join(site.root, 'tmp');
    const fill = `mount -t tmpfs -o size=8k none ${small} && head -c 8192 /dev/zero >${small}/full`;

    const failed = await runCli(['-rm', 'sh', '-c', `${fill} && exec ${espejoProgram} sync -quiet`], {
      cwd: site.directory,
      program: 'unshare',
    });

    assertOneLine(
      site,
      failed,
      /<directory>\/root\/tmp\/.*the disk is full \(free some space and run the same command again; nothing is lost\) \[E_DISK_FULL\]$/,
    );
    await assertWhole(site);
  });
});

function assertOneLine(site: MirrorSite, { stdout, stderr, exit }: CliRun, says: RegExp): void {
  const [line = '', ...rest] = site.normal(stderr).split('\n');
  assert.equal(exit, 1, stderr);
  assert.equal(stdout, '');
  assert.match(line, /^ERROR: .+ \(.+\) \[E_[A-Z_]+\]$/);
  assert.match(line, says);
  assert.deepEqual(rest, ['']);
}

/** What `espejo verify` checks, without the start of a process. */
async function assertWhole({ directory }: MirrorSite): Promise<void> {
  const path = join(directory, 'espejo.yaml');
  const app = await openTestApp(path, JSON.parse(readFileSync(path, 'utf8')));
  const [verified] = await verifyAll(app, [], silentJob());
  await app.close();
  assert.equal(verified?.files, 5);
}

function withMirror(config: SiteConfig, change: object) {
  return { ...config, mirrors: { xenial: { ...config.mirrors.xenial, ...change } } };
}

/** Signs a changed Release of xenial-updates with the archive's own key. */
async function resign(upstream: MirrorSite['upstream'], change: (text: string) => string): Promise<void> {
  const { signer } = await signingKey('archive');
  const release = String(upstream.files.get('/dists/xenial-updates/Release'));
  const signed = await signer.clearsign(Buffer.from(change(release)), new Date('2016-05-01T00:00:00Z'));
  upstream.files.set(inReleasePath, signed);
}

function inRelease({ root }: MirrorSite): string {
  return readFileSync(join(root, 'public/ubuntu/dists/xenial/InRelease'), 'utf8');
}

function asRoot(): string | false {
  return process.getuid?.() === 0 ? 'root may write everywhere' : false;
}

function withoutMounts(): string | false {
  const { status } = spawnSync('unshare', ['-rm', 'true'], { stdio: 'ignore' });
  return status === 0 ? false : 'this machine lets nobody mount';
}
