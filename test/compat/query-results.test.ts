import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { App } from '../../src/app/app.ts';
import { findObject } from '../../src/catalog/find-object.ts';
import { isEspejoError } from '../../src/core/errors.ts';
import type { PackageSet } from '../../src/packages/package-set.ts';
import { loadPackageSet } from '../../src/packages/package-sets.ts';
import { selectByQuery } from '../../src/packages/search.ts';
import { parseQuery } from '../../src/query/parse-query.ts';
import { writeFiles } from '../builders/incoming.ts';
import { queriedPackages, sampleQueries } from '../builders/queries.ts';
import { type AptlyRoot, makeAptlyRoot, skipWithoutAptly } from '../support/aptly.ts';
import { makeCommandRoot } from '../support/aptly-commands.ts';
import { openTestApp } from '../support/open-test-app.ts';

describe('queries mean what they mean to aptly', { skip: skipWithoutAptly }, () => {
  let aptly: AptlyRoot;
  let server: ChildProcess;
  let address: string;
  let app: App;
  let set: PackageSet;

  before(async () => {
    const files = await queriedPackages();
    aptly = await makeAptlyRoot();
    await writeFiles(aptly.directory, files);
    await aptly.run('repo', 'create', 'r1');
    await aptly.run('repo', 'add', 'r1', 'in');
    const espejo = await makeCommandRoot();
    await writeFiles(espejo.directory, files);
    await espejo.output('repo', 'create', 'r1');
    await espejo.output('repo', 'add', 'r1', 'in');
    const config = { rootDir: join(espejo.directory, 'root') };
    app = await openTestApp(join(espejo.directory, 'aptly.conf'), config);
    set = await loadPackageSet(app, (await findObject(app, 'repo', 'r1')).list);
    address = `127.0.0.1:${await freePort()}`;
    server = aptly.start('api', 'serve', `-listen=${address}`);
    await untilAnswers(`http://${address}/api/version`);
  });

  after(async () => {
    server.kill();
    await app.close();
    await aptly.remove();
  });

  /** The keys that aptly finds, or `refused`. */
  const wanted = async (query: string): Promise<readonly string[] | 'refused'> => {
    const answer = await fetch(`http://${address}/api/repos/r1/packages?q=${encodeURIComponent(query)}`);
    const body: unknown = await answer.json();
    if (answer.status === 200) return (body as readonly string[]).toSorted();
    assert.equal(answer.status, 400, query);
    return 'refused';
  };

  const found = (query: string): readonly string[] | 'refused' => {
    try {
      return selectByQuery(set, [parseQuery(query)])
        .members.map(({ key }) => key)
        .toSorted();
    } catch (error) {
      assert.ok(isEspejoError(error, 'E_QUERY_SYNTAX'), String(error));
      return 'refused';
    }
  };

  for (const [what, { queries, least }] of Object.entries(sampleQueries())) {
    it(`${queries.length} ${what}`, async () => {
      let selecting = 0;
      const different: unknown[] = [];
      for (const query of queries) {
        const [expected, got] = [await wanted(query), found(query)];
        if (expected !== 'refused' && expected.length > 0) selecting += 1;
        if (JSON.stringify(expected) !== JSON.stringify(got)) different.push({ query, expected, got });
      }

      assert.deepEqual(different, []);
      assert.ok(selecting >= least, `only ${selecting} of ${queries.length} select anything`);
    });
  }
});

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const bound = probe.address();
      probe.close(() => resolve(typeof bound === 'object' && bound !== null ? bound.port : 0));
    });
  });
}

async function untilAnswers(url: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await pause(50);
  }
  throw new Error(`${url} does not answer`);
}
