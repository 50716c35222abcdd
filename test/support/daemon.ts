import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildArchive } from '../../src/demo/archive.ts';
import { demoArchive } from '../../src/demo/demo-archive.ts';
import { generateKey } from '../../src/openpgp/generate-key.ts';
import { birth } from './openpgp-keys.ts';
import { testSigner } from './publishing.ts';
import { startUpstream, type Upstream } from './upstream.ts';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/** An upstream, a configuration for it, and the command line in a process of its own. */
export type CommandSite = {
  readonly root: string;
  readonly upstream: Upstream;
  readonly configPath: string;
  /** Offers the demo archive with its main package raised by as many steps. */
  offer(update: number): Promise<void>;
  start(...words: readonly string[]): Command;
};

export type Command = {
  readonly child: ChildProcess;
  /** Waits for a match in what was written to stdout and stderr; throws when the process ends before. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  /** The exit status; null after a signal. */
  ended(): Promise<number | null>;
  readonly stdout: () => string;
  readonly stderr: () => string;
};

/**
 * @param more lines of YAML after the mirror and the publication
 * @param mirrors more mirrors, with their paths at the upstream
 */
export async function makeCommandSite(
  context: TestContext,
  more = '',
  mirrors: Readonly<Record<string, string>> = {},
): Promise<CommandSite> {
  const root = await mkdtemp(join(tmpdir(), 'espejo-command-'));
  const upstream = await startUpstream();
  const commands: Command[] = [];
  context.after(async () => {
    for (const { child, ended } of commands) {
      child.kill('SIGKILL');
      await ended();
    }
    await upstream.close();
    await rm(root, { recursive: true, force: true });
  });
  const archiveSigner = await testSigner('Upstream <upstream@localhost>');
  await generateKey({ directory: join(root, 'keys'), userId: 'Mirror', now: birth, rsaBits: 2048 });
  const keyring = join(root, 'upstream.gpg');
  await writeFile(keyring, archiveSigner.publicKey.binary);
  const configPath = join(root, 'espejo.yaml');
  const all = { ...mirrors, xenial: '/' };
  await writeFile(configPath, configurationOf({ root, url: upstream.url, keyring }, all) + withServer(more));
  const offer = async (update: number): Promise<void> => {
    const date = new Date(Date.UTC(2024, 1, 1, 0, update));
    const archive = await buildArchive(demoArchive(date, update), archiveSigner);
    for (const [path, bytes] of archive) upstream.files.set(`/${path}`, bytes);
  };
  await offer(0);
  return {
    root,
    upstream,
    configPath,
    offer,
    start: (...words) => {
      const command = startCommand([...words, `-config=${configPath}`]);
      commands.push(command);
      return command;
    },
  };
}

/** Where nothing is said of the server, the process that does everything answers too: two more cost a second. */
function withServer(sections: string): string {
  return sections.includes('server:') ? sections : `${sections}server:\n  processes: 1\n`;
}

function configurationOf(
  { root, url, keyring }: { root: string; url: string; keyring: string },
  mirrors: Readonly<Record<string, string>>,
): string {
  const sections = Object.entries(mirrors).map(
    ([name, path]) => `  ${name}:
    url: ${url}${path.slice(1)}
    suites: [xenial, xenial-updates, xenial-security]
    components: [main, universe]
    architectures: [amd64]
    keyring: ${keyring}
    packages: [mirror-games, mirror-tools]
`,
  );
  return `root_dir: ${root}
mirrors:
${sections.join('')}publications:
  xenial:
    prefix: ubuntu
    distribution: xenial
    mirrors: [xenial]
limits:
  retries: 0
`;
}

function startCommand(words: readonly string[]): Command {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  const changes = new EventEmitter();
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
    changes.emit('change');
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
    changes.emit('change');
  });
  child.once('close', () => changes.emit('change'));
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    ended: async () => {
      await closed;
      return child.exitCode;
    },
    said: async (pattern) => {
      for (;;) {
        const match = pattern.exec(stdout + stderr);
        if (match !== null) return match;
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`ended without ${pattern}: ${stderr}`);
        await once(changes, 'change');
      }
    },
  };
}
