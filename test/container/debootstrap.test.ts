import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { skipWithoutEngine } from './support/engine.ts';
import { repositoryRoot } from './support/images.ts';
import { runProgram } from './support/run-program.ts';
import { makeSite, type TestSite } from './support/site.ts';

const suite = 'bookworm';
/** The packages that test/setup/base-images kept. */
const debs = join(repositoryRoot, '.cache/debs/bookworm');
const skip = (await skipWithoutEngine()) || skipWithoutTools();

/** What debootstrap's variant "minbase" begins with; the rest comes as dependencies. */
const packages = ['Priority (required)', 'apt', 'usr-is-merged'];

describe('debootstrap from a mirror of a partial archive', { skip, timeout: 300_000 }, () => {
  let site: TestSite;
  let target: string;

  before(async () => {
    target = await mkdtemp(join(tmpdir(), 'espejo-debootstrap-'));
    site = await makeSite({
      suite,
      packages,
      fill: async (archive) => {
        for (const name of await readdir(debs)) {
          // apt keeps epochs in the names of its files, archives do not.
          const plain = name.replace(/_\d+%3a/, '_');
          if (name.endsWith('.deb')) await copyFile(join(debs, name), join(archive.directory, 'pool', plain));
        }
      },
    });
  });

  after(async () => {
    await asRoot('rm', '-rf', '--one-file-system', target);
    await site?.remove();
  });

  it('makes a minimal system whose packages are all configured', async () => {
    const { container, key } = site.mirror;
    const url = `http://${container.getHost()}:${container.getMappedPort(8080)}/ubuntu`;

    await asRoot(
      'debootstrap',
      '--variant=minbase',
      '--force-check-gpg',
      `--keyring=${key}`,
      suite,
      target,
      url,
    );

    const status = await readFile(join(target, 'var/lib/dpkg/status'), 'utf8');
    const states = new Set([...status.matchAll(/^Status: (.*)$/gm)].map((match) => match[1]));
    assert.match(status, /^Package: apt$/m);
    assert.deepEqual([...states], ['install ok installed']);
  });
});

async function asRoot(program: string, ...args: string[]): Promise<void> {
  const root = process.getuid?.() === 0;
  const words = root ? [program, ...args] : ['sudo', '-n', '--', program, ...args];
  const [first = '', ...rest] = words;
  await runProgram(first, rest, { timeoutSeconds: 200 });
}

function skipWithoutTools(): string | false {
  const reason = !existsSync('/usr/sbin/debootstrap')
    ? 'debootstrap is not installed: run test/setup/install'
    : !existsSync(debs) && '.cache/debs/bookworm is absent: run test/setup/base-images';
  if (reason !== false && process.env['ESPEJO_REQUIRE_DOCKER'] === '1') throw new Error(reason);
  return reason;
}
