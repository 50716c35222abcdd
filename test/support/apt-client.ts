import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

export type AptClient = {
  /** The working directory of its commands. */
  readonly directory: string;
  apt(...words: readonly string[]): Promise<AptRun>;
  /** The version that apt would install. */
  candidate(name: string): Promise<string | undefined>;
  /** The paragraphs of all packages that apt knows of. */
  available(): Promise<readonly string[]>;
};

export type AptRun = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

/**
 * An apt with a root of its own that knows nothing but the given sources and trusts nothing but the given key.
 * @param sources lines of sources.list
 */
export async function makeAptClient(
  t: Pick<TestContext, 'after'>,
  { sources, key }: { readonly sources: readonly string[]; readonly key: Uint8Array },
): Promise<AptClient> {
  const directory = await mkdtemp(join(tmpdir(), 'espejo-apt-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  for (const path of ['state/lists/partial', 'cache/archives/partial', 'etc/trusted.gpg.d', 'etc/parts'])
    await mkdir(join(directory, path), { recursive: true });
  await writeFile(join(directory, 'status'), '');
  await writeFile(join(directory, 'etc/trusted.gpg.d/mirror.gpg'), key);
  await writeFile(join(directory, 'etc/sources.list'), sources.map((line) => `${line}\n`).join(''));
  const configuration = join(directory, 'apt.conf');
  await writeFile(configuration, aptConfiguration(directory));
  const run = (program: string, words: readonly string[]): Promise<AptRun> =>
    execute(program, words, {
      cwd: directory,
      env: { APT_CONFIG: configuration, LC_ALL: 'C', PATH: process.env['PATH'] ?? '' },
    });
  return {
    directory,
    apt: (...words) => run('apt-get', words),
    candidate: async (name) => {
      const { stdout } = await run('apt-cache', ['policy', name]);
      return /Candidate: (\S+)/.exec(stdout)?.[1];
    },
    available: async () => (await run('apt-cache', ['dumpavail'])).stdout.split('\n\n').toSorted(),
  };
}

/** Every place of apt below `directory`; nothing of the machine is read or written. */
function aptConfiguration(directory: string): string {
  return Object.entries({
    'APT::Architecture': 'amd64',
    'APT::Architectures': 'amd64',
    'APT::Sandbox::User': '',
    'APT::Update::Error-Mode': 'any',
    'Acquire::http::Proxy': 'DIRECT',
    'Acquire::Languages': 'none',
    'Dir::State': `${directory}/state`,
    'Dir::State::status': `${directory}/status`,
    'Dir::Cache': `${directory}/cache`,
    'Dir::Etc': `${directory}/etc`,
    'Dir::Etc::sourcelist': `${directory}/etc/sources.list`,
    'Dir::Etc::sourceparts': `${directory}/etc/parts`,
    'Dir::Etc::parts': `${directory}/etc/parts`,
    'Dir::Etc::preferencesparts': `${directory}/etc/parts`,
    'Dir::Etc::trusted': `${directory}/etc/trusted.gpg`,
    'Dir::Etc::trustedparts': `${directory}/etc/trusted.gpg.d`,
  })
    .map(([key, value]) => `${key} "${value}";\n`)
    .join('');
}

function execute(
  program: string,
  words: readonly string[],
  options: { readonly cwd: string; readonly env: Record<string, string> },
): Promise<AptRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...words], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, stdout, stderr }));
  });
}
