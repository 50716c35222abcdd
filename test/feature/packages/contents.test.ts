import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { findObject } from '../../../src/catalog/find-object.ts';
import type { PackageRecord } from '../../../src/catalog/packages.ts';
import { contentsOf, contentsOrWarning } from '../../../src/packages/contents.ts';
import { addFiles } from '../../../src/repo/add.ts';
import { debFile, sourceFiles, writeFiles } from '../../builders/incoming.ts';
import { makeCommandRoot } from '../../support/aptly-commands.ts';
import { silentJob } from '../../support/open-test-app.ts';
import { inPool } from '../../support/pool-paths.ts';

const { signal } = silentJob();

async function libraryOf(files: Readonly<Record<string, string | Buffer>>) {
  const root = await makeCommandRoot();
  await writeFiles(root.directory, files);
  await root.output('repo', 'create', 'r');
  await root.withApp((app) => {
    const { directory } = root;
    const options = { repo: 'r', paths: ['in'], directory, forceReplace: false, removeFiles: false };
    return addFiles(app, options, silentJob());
  });
  return root;
}

function named(records: readonly PackageRecord[], name: string): PackageRecord {
  const record = records.find((one) => one.name === name);
  assert.ok(record);
  return record;
}

test('contents are read once and remembered; sources install nothing', async () => {
  const root = await libraryOf({ 'in/a_1_all.deb': await debFile('a_1_all'), ...sourceFiles('in') });

  await root.withApp(async (app) => {
    const records = await app.catalog.packages((await findObject(app, 'repo', 'r')).list);
    const record = named(records, 'a');
    assert.deepEqual(await contentsOf(app, record, signal), ['usr/share/x']);
    await rm(inPool(app.pool, record.files[0]?.poolPath ?? ''));

    assert.deepEqual(await contentsOf(app, record, signal), ['usr/share/x']);
    assert.deepEqual(await contentsOf(app, named(records, 'src'), signal), []);
  });
});

test('a file that cannot be read is a warning, and is not remembered', async () => {
  const root = await libraryOf({ 'in/a_1_all.deb': await debFile('a_1_all') });

  await root.withApp(async (app) => {
    const [record] = await app.catalog.packages((await findObject(app, 'repo', 'r')).list);
    assert.ok(record);
    await writeFile(inPool(app.pool, record.files[0]?.poolPath ?? ''), 'no package');
    const warnings: string[] = [];
    const report = (event: { readonly type: string }): void => void warnings.push(JSON.stringify(event));

    assert.deepEqual(await contentsOrWarning(app, record, { signal, report }), []);
    await assert.rejects(contentsOf(app, record, signal), { code: 'E_DEB_FORMAT' });
    assert.match(warnings.join('\n'), /^[^\n]*failed to generate package contents: [^\n]*a_1_all.deb[^\n]*$/);
    assert.equal(await app.catalog.objects.contents(record.key), undefined);
  });
});
