import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { type DigestName, digestNames } from '../../src/core/digest.ts';
import { strict, syncMirrors } from '../../src/mirror/sync-mirrors.ts';
import { publishAll } from '../../src/publish/publish-configured.ts';
import { makeCommandRoot } from '../support/aptly-commands.ts';
import { testUpstream } from '../support/fetching.ts';
import { silentJob } from '../support/open-test-app.ts';
import { type ArchivePlan, makeArchive } from '../support/oracle/make-archive.ts';

const fields = fc.record(
  {
    Section: fc.constantFrom('misc', 'libs'),
    Depends: fc.constantFrom('libc6 (>=2.1)', 'a , b|c', ''),
    'X-Odd-name': fc.constantFrom('One', 'two'),
  },
  { requiredKeys: [] },
);
const packages = fc
  .uniqueArray(
    fc.record({
      name: fc.constantFrom('app', 'tool', 'libx'),
      version: fc.constantFrom('1.0', '1:2.0-1', '3~rc1'),
      architecture: fc.constantFrom('amd64', 'all'),
      fields,
    }),
    { minLength: 1, maxLength: 5, selector: ({ name, version }) => `${name} ${version}` },
  )
  .map((made) =>
    Object.fromEntries(
      made.map(({ name, version, architecture, fields }) => [`${name}_${version}_${architecture}`, fields]),
    ),
  );
/** At least one that proves something. */
const digests: fc.Arbitrary<readonly DigestName[]> = fc
  .subarray([...digestNames])
  .filter((names) => names.includes('sha256') || names.includes('sha512'));

const way = fc.constantFrom('sync', 'update');

test('sync and mirror update of one archive give the same list, whichever digests it lists', async (t) => {
  await fc.assert(
    fc.asyncProperty(packages, digests, digests, way, async (made, listed, listedThen, first) => {
      const plan = { indexes: { 'main/binary-amd64': made } };
      const lists = await bothWays(
        t,
        [
          { ...plan, digests: listed },
          { ...plan, digests: listedThen },
        ],
        first,
      );
      assert.deepEqual(lists[0]?.keys, lists[1]?.keys);
      assert.equal(lists[1]?.sync, lists[1]?.update, 'the same ListId');
      assert.deepEqual(lists[0]?.published, digestFields(listed), 'indexes have what upstream lists');
    }),
    { numRuns: 6 },
  );
});

type Outcome = {
  /** The lists that the two ways made. */
  readonly sync: string;
  readonly update: string;
  readonly keys: readonly string[];
  /** Fields of digests in the published index. */
  readonly published: readonly string[];
};

function digestFields(names: readonly DigestName[]): readonly string[] {
  return [...new Set([...names, 'sha256'])].map((name) => (name === 'md5' ? 'md5sum' : name)).sort();
}

/** Mirrors states of an archive in both ways, one after the other in one root. */
async function bothWays(
  t: TestContext,
  states: readonly ArchivePlan[],
  first: 'sync' | 'update',
): Promise<readonly Outcome[]> {
  const upstream = await testUpstream(t);
  const own = {
    url: upstream.url,
    suites: ['xenial'],
    components: ['main'],
    architectures: ['amd64'],
    packages: ['$Version (% *)'],
    versions: 'all',
    dependencies: false,
    verify_signatures: false,
  };
  const publication = { prefix: 'own', distribution: 'xenial', mirrors: ['own'], sign: false };
  const root = await makeCommandRoot('espejo', {
    config: {
      limits: { retries: 0 },
      gpgDisableVerify: true,
      mirrors: { own },
      publications: { own: publication },
    },
  });
  const found: Outcome[] = [];
  for (const state of states) {
    upstream.files.clear();
    for (const [path, bytes] of await makeArchive(state)) upstream.files.set(`/${path}`, bytes);
    if (found.length === 0)
      await root.output('mirror', 'create', '-architectures=amd64', 'm', upstream.url, 'xenial', 'main');
    const sync = (): Promise<unknown> =>
      root.withApp((app) => syncMirrors(app, { mirrors: [], force: false, relaxed: strict }, silentJob()));
    const update = (): Promise<unknown> => root.output('mirror', 'update', 'm');
    for (const work of first === 'sync' ? [sync, update] : [update, sync]) await work();
    found.push(
      await root.withApp(async (app) => {
        const { catalog } = app;
        await publishAll(app, { publications: [], force: false }, silentJob());
        const index = join(app.publicDirectory, 'own/dists/xenial/main/binary-amd64/Packages');
        const fields = (await readFile(index, 'utf8')).match(/^(MD5sum|SHA\d+)(?=:)/gim) ?? [];
        const published = [...new Set(fields.map((field) => field.toLowerCase()))].sort();
        const sync = (await catalog.objects.find('mirror', 'own:xenial'))?.list ?? '';
        const update = (await catalog.objects.find('mirror', 'm'))?.list ?? '';
        const keys = (await catalog.packages(sync)).map(({ key }) => key);
        return { sync, update, keys: keys.sort(), published };
      }),
    );
  }
  return found;
}
