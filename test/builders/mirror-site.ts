import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildArchive } from '../../src/demo/archive.ts';
import { demoArchive } from '../../src/demo/demo-archive.ts';
import { type CliRun, type RunningCli, runCli, startCli } from '../support/run-cli.ts';
import { installKey, signingKey } from '../support/signing-keys.ts';
import { quickDirectory, temporaryDirectory } from '../support/temporary-directory.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

/** A root directory with a configuration, and the demo archive as its upstream on loopback. */
export type MirrorSite = {
  /** Working directory of the commands, and their HOME; the root directory is `root` in it. */
  readonly directory: string;
  readonly root: string;
  readonly upstream: Upstream;
  /** Runs espejo, which finds the configuration in its working directory. */
  run(...args: readonly string[]): Promise<CliRun>;
  start(...args: readonly string[]): RunningCli;
  /** Writes the configuration anew, with changes. */
  configure(change: (config: SiteConfig) => unknown): void;
  /** Turns the upstream to a later state: `update` counts up. */
  turnTo(update: number): Promise<void>;
  /** Output without what differs from run to run. */
  normal(text: string): string;
  [Symbol.asyncDispose](): Promise<void>;
};

export type SiteConfig = ReturnType<typeof configOf>;

const firstDate = Date.parse('2016-04-21T23:23:46Z');
const dayMs = 86_400_000;

export async function makeMirrorSite(): Promise<MirrorSite> {
  const directory = temporaryDirectory('site', quickDirectory);
  const root = join(directory, 'root');
  const upstream = await startUpstream();
  const archiveKey = await signingKey('archive');
  await installKey('mirror', join(root, 'keys'));
  const config = configOf(root, upstream.url, archiveKey.publicPath);

  const configure: MirrorSite['configure'] = (change) =>
    writeFileSync(join(directory, 'espejo.yaml'), JSON.stringify(change(structuredClone(config))));
  const turnTo = async (update: number): Promise<void> => {
    const archive = demoArchive(new Date(firstDate + update * dayMs), update);
    for (const [path, bytes] of await buildArchive(archive, archiveKey.signer))
      upstream.files.set(`/${path}`, bytes);
  };
  configure((same) => same);
  await turnTo(0);
  return {
    directory,
    root,
    upstream,
    configure,
    turnTo,
    run: (...args) => runCli(args, { cwd: directory }),
    start: (...args) => startCli(args, { cwd: directory }),
    normal: (text) =>
      text
        .replaceAll(upstream.url, '<upstream>/')
        .replaceAll(directory, '<directory>')
        .replaceAll(/\d{8}T\d{6}Z-[0-9a-f]{12}/g, '<generation>')
        .replaceAll(/\d{8}T\d{6}Z/g, '<time>')
        .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '<date>')
        .replaceAll(/[0-9A-F]{40}/g, '<fingerprint>')
        .replaceAll(/\d+\.\d\d KiB/g, '<size>'),
    [Symbol.asyncDispose]: () => upstream.close(),
  };
}

function configOf(root: string, url: string, keyring: string) {
  return {
    root_dir: root,
    mirrors: {
      xenial: {
        url: url as string | readonly string[],
        suites: ['xenial', 'xenial-updates', 'xenial-security'],
        components: ['main', 'universe'],
        architectures: ['amd64'],
        keyring,
        packages: ['mirror-games', 'mirror-tools (>= 1.0-1)'],
      },
    },
    publications: {
      xenial: { prefix: 'ubuntu', distribution: 'xenial', mirrors: ['xenial'] },
    },
    limits: { retries: 0, timeout: '5s' },
    server: { listen: '127.0.0.1:0', processes: 1 },
  };
}
