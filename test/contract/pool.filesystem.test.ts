import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { openFilesystemPool } from '../../src/pool/filesystem/open-filesystem-pool.ts';
import { testDirectory } from '../support/fetching.ts';
import { memoryLedger } from '../support/memory-ledger.ts';
import { type PoolUnderTest, poolSuite } from './pool.suite.ts';

poolSuite('filesystem pool', (t) => openIn(t));

poolSuite('filesystem pool with its temporary directory on another file system', (t) =>
  openIn(t, {
    rename: async () => {
      throw Object.assign(new Error('EXDEV: cross-device link not permitted'), { code: 'EXDEV' });
    },
  }),
);

async function openIn(
  t: TestContext,
  options: { readonly rename?: (from: string, to: string) => Promise<void> } = {},
): Promise<PoolUnderTest> {
  const directory = await testDirectory(t);
  const ledger = memoryLedger();
  const open = (openLedger = memoryLedger()) =>
    openFilesystemPool({
      root: join(directory, 'pool'),
      temporary: join(directory, 'tmp'),
      ledger: openLedger,
      ...options,
    });
  const put: PoolUnderTest['put'] = async (path, content, seconds) => {
    const target = join(directory, 'pool', path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
    if (seconds !== undefined) await utimes(target, seconds, seconds);
  };
  return { pool: await open(ledger), ledger, put, reopen: () => open() };
}
