import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Catalog } from '../../src/catalog/contract.ts';
import { openSqliteCatalog } from '../../src/catalog/sqlite/catalog.ts';
import { catalogSuite } from './catalog.suite.ts';

catalogSuite('the SQLite catalog', async (context) => {
  const directory = await mkdtemp(join(tmpdir(), 'espejo-catalog-'));
  const opened: Catalog[] = [];
  context.after(async () => {
    for (const catalog of opened) await catalog.close();
    await rm(directory, { recursive: true, force: true });
  });
  return async () => {
    const catalog = await openSqliteCatalog(join(directory, 'db', 'espejo.db'));
    opened.push(catalog);
    return catalog;
  };
});
