import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openFilePool } from '../../src/pool/open-file-pool.ts';
import { testDirectory } from '../support/fetching.ts';
import { memoryLedger } from '../support/memory-ledger.ts';
import { type PoolUnderTest, poolSuite } from './pool.suite.ts';

poolSuite('file pool', (t) => openIn(t));

poolSuite('file pool with its temporary directory on another file system', (t) =>
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
    openFilePool({
      root: join(directory, 'pool'),
      temporary: join(directory, 'tmp'),
      ledger: openLedger,
      ...options,
    });
  return { pool: await open(ledger), ledger, reopen: () => open() };
}
