import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { openSqliteCatalog } from '../../../src/catalog/sqlite/catalog.ts';
import { writeDeb } from '../../builders/library-packages.ts';
import { suiteTables } from '../../builders/older-catalog.ts';
import { makeCommandRoot } from '../../support/aptly-commands.ts';
import { makeWorkshop, samplePublication } from '../../support/publishing.ts';

test('publications by hand that an older espejo has left are listed, updated and switched', async () => {
  const root = await makeCommandRoot();
  const tree = join(root.directory, 'root');
  const addDeb = async (label: string): Promise<void> => {
    await root.output('repo', 'add', 'r', await writeDeb(join(root.directory, 'debs'), label));
  };
  await root.output('repo', 'create', '-distribution=stable', 'r');
  await addDeb('alpha_1_amd64');
  await root.output('snapshot', 'create', 's1', 'from', 'repo', 'r');
  await root.output('publish', 'repo', '-skip-signing', 'r');
  await root.output('publish', 'snapshot', '-skip-signing', '-distribution=frozen', 's1');
  await addDeb('beta_2_all');
  await root.output('snapshot', 'create', 's2', 'from', 'repo', 'r');
  const listed = await root.output('publish', 'list');
  makeOlder(join(tree, 'db/espejo.db'));

  assert.equal(await root.output('publish', 'list'), listed);
  await root.output('publish', 'update', '-skip-signing', 'stable');
  await root.output('publish', 'switch', '-skip-signing', 'frozen', 's2');

  for (const distribution of ['stable', 'frozen'])
    assert.match(
      await readFile(join(tree, `public/dists/${distribution}/main/binary-amd64/Packages`), 'utf8'),
      /^Package: beta$/m,
    );
});

test('a publication of the configuration that an older espejo has left goes on where it was', async (t) => {
  const workshop = await makeWorkshop(t);
  await workshop.stock({ main: [{ name: 'hello', version: '1' }] });
  const before = await workshop.publish();
  const path = join(workshop.root, 'db/espejo.db');
  makeOlder(path);
  const catalog = await openSqliteCatalog(path);
  t.after(() => catalog.close());
  const deps = { catalog };
  const { prefix, distribution } = samplePublication;

  const again = await workshop.publish({ deps });
  const [kept] = await catalog.objects.all('publication');
  await workshop.stock({ main: [{ name: 'hello', version: '2' }] });
  workshop.advance(60);
  const newer = await workshop.publish({ deps });

  assert.deepEqual([again.outcome, again.generation], ['unchanged', before.generation]);
  assert.equal(kept?.managedBy, samplePublication.name);
  assert.ok(kept.policy !== undefined, 'what the configuration says is kept with it now');
  assert.deepEqual([newer.outcome, newer.packages], ['published', 1]);
  assert.match(
    await readFile(workshop.at(`${prefix}/dists/${distribution}/main/binary-amd64/Packages`), 'utf8'),
    /^Version: 2$/m,
  );
});

/**
 * Writes a catalog as it was in schema 6: what things are made of in aptly's words, nothing of the configuration in the
 * objects of publications, and tables of what was synced, which are empty here.
 */
function makeOlder(path: string): void {
  const database = new DatabaseSync(path);
  try {
    database.exec(`
      UPDATE objects SET record = json_set(record, '$.sourceKind', CASE json_extract(record, '$.sourceKind')
          WHEN 'mirror' THEN 'repo' WHEN 'repo' THEN 'local' ELSE 'snapshot' END)
        WHERE kind IN ('snapshot', 'publication');
      UPDATE objects SET record = json_remove(record, '$.policy') WHERE kind = 'publication';
      UPDATE generations SET object = json_remove(json_set(object, '$.sourceKind',
          CASE json_extract(object, '$.sourceKind') WHEN 'repo' THEN 'local' ELSE 'snapshot' END), '$.policy');
      ${suiteTables}
      PRAGMA user_version = 6;
    `);
  } finally {
    database.close();
  }
}
