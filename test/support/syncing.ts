import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Catalog, PackageRecord } from '../../src/catalog/contract.ts';
import { openSqliteCatalog } from '../../src/catalog/sqlite/catalog.ts';
import type { LimitsConfig, MirrorConfig } from '../../src/config/config.ts';
import { parsePackageRequest } from '../../src/config/package-request.ts';
import type { Fetcher } from '../../src/fetch/fetcher.ts';
import type { PlanResult } from '../../src/mirror/plan-result.ts';
import { type SyncedSuite, syncedSuites } from '../../src/mirror/reconcile.ts';
import type { SyncPorts } from '../../src/mirror/request.ts';
import { planMirror, type SyncResult, syncMirror } from '../../src/mirror/sync.ts';
import type { TrustPolicy } from '../../src/mirror/trust.ts';
import { openUpstreamFiles } from '../../src/mirror/upstream-files.ts';
import type { Signer } from '../../src/openpgp/contract.ts';
import { generateKey } from '../../src/openpgp/generate-key.ts';
import { loadSigner } from '../../src/openpgp/signer.ts';
import type { Job } from '../../src/packages/events.ts';
import { openFilesystemPool } from '../../src/pool/filesystem/open-filesystem-pool.ts';
import type { Pool } from '../../src/pool/pool.ts';
import { archiveNow, type UpstreamArchive } from '../builders/upstream-archive.ts';
import { testDirectory, testFetcher, testJob, testUpstream } from './fetching.ts';
import { birth } from './openpgp-keys.ts';
import { inPool } from './pool-paths.ts';
import { keptKey } from './signing-keys.ts';
import type { Upstream } from './upstream.ts';

/** What a test may change of a mirror: its configuration, with packages as text. */
export type MirrorChanges = Partial<Omit<MirrorConfig, 'packages'>> & {
  readonly packages?: readonly string[];
};

type SyncOptions = {
  readonly job?: Job;
  readonly policy?: Partial<TrustPolicy>;
  readonly force?: boolean;
  readonly now?: Date;
  readonly limits?: Partial<LimitsConfig>;
};

/** A root directory and an upstream to sync from; both end with the test. */
export type SyncBench = {
  readonly root: string;
  readonly catalog: Catalog;
  readonly pool: Pool;
  readonly fetcher: Fetcher;
  readonly upstream: Upstream;
  /** The archive root. */
  readonly url: string;
  /** Makes the upstream hold exactly this archive. */
  serve(archive: UpstreamArchive, upstream?: Upstream): void;
  sync(changes?: MirrorChanges, options?: SyncOptions): Promise<SyncResult>;
  plan(changes?: MirrorChanges, options?: SyncOptions): Promise<PlanResult>;
  /** The mirrors of the suites that were synced. */
  state(): Promise<readonly SyncedSuite[]>;
  /** Labels of all packages that the last sync committed, sorted. */
  labels(): Promise<readonly string[]>;
  /** Files in `db/indexes` and `tmp`. */
  leftovers(): Promise<{ readonly indexes: readonly string[]; readonly tmp: readonly string[] }>;
};

const signers = new Map<string, Promise<Signer>>();

/** A signer with an RSA key of 2048 bits, made once a process for each name. */
export function testSigner(name = 'archive'): Promise<Signer> {
  const known = signers.get(name) ?? makeSigner(name);
  signers.set(name, known);
  return known;
}

async function makeSigner(name: string): Promise<Signer> {
  const userId = `${name} <${name}@example.org>`;
  const directory = keptKey(userId, birth);
  await generateKey({ directory, userId, now: birth, rsaBits: 2048 });
  return await loadSigner({ directory });
}

export const testLimits: LimitsConfig = {
  concurrency: 4,
  bandwidthBytesPerSecond: undefined,
  retries: 1,
  timeoutSeconds: 5,
  minimumBytesPerSecond: 1024,
  fileTimeoutSeconds: 0,
  releaseBytes: 1 << 20,
  indexBytes: 8 << 20,
  packageBytes: 8 << 20,
};

export async function testSync(
  context: TestContext,
  options: { readonly root?: string; readonly fetcher?: Fetcher } = {},
): Promise<SyncBench> {
  const root = options.root ?? (await testDirectory(context));
  const signer = await testSigner();
  const catalog = await openSqliteCatalog(join(root, 'db', 'espejo.db'));
  context.after(() => catalog.close());
  const pool = await openFilesystemPool({
    root: join(root, 'pool'),
    temporary: join(root, 'tmp'),
    ledger: catalog.ledger,
  });
  const fetcher = options.fetcher ?? testFetcher(context, { retries: testLimits.retries });
  const upstream = await testUpstream(context);
  const url = `${upstream.url}ubuntu/`;
  const indexes = join(root, 'db', 'indexes');
  const deps = ({ now = archiveNow, limits }: SyncOptions): SyncPorts => ({
    catalog,
    fetcher,
    pool,
    files: openUpstreamFiles(indexes, catalog),
    config: { limits: { ...testLimits, ...limits } },
    now: () => now,
    exclusively: async (_purpose, _signal, work) => await work(),
  });
  const request = async (changes: MirrorChanges, { policy, force = false }: SyncOptions) => {
    const mirror = testMirror(url, signer, changes);
    const { verifySignatures, checkValidUntil, checkDate, allowWeakSignatures, allowExpiredKeys } = mirror;
    const own = { verifySignatures, checkValidUntil, checkDate, allowWeakSignatures, allowExpiredKeys };
    return {
      mirror,
      policy: { ...own, ...policy },
      force,
      owner: 'test',
    };
  };
  const bench: SyncBench = {
    root,
    catalog,
    pool,
    fetcher,
    upstream,
    url,
    serve(archive, server = upstream) {
      server.files.clear();
      for (const [path, bytes] of archive) server.files.set(`/ubuntu/${path}`, bytes);
    },
    sync: async (changes = {}, options = {}) =>
      syncMirror(deps(options), await request(changes, options), options.job ?? testJob()),
    plan: async (changes = {}, options = {}) =>
      planMirror(deps(options), await request(changes, options), options.job ?? testJob()),
    state: () => syncedSuites(catalog, { name: 'test', suites: [] }),
    labels: async () => labelsOf(catalog, await bench.state()),
    leftovers: async () => ({
      indexes: (await namesIn(indexes)).filter((name) => !name.endsWith('.zst')),
      tmp: await namesIn(join(root, 'tmp')),
    }),
  };
  return bench;
}

/** A mirror of the suite `xenial`, component `main`, unless a test says otherwise. */
export function testMirror(url: string, signer: Signer, changes: MirrorChanges = {}): MirrorConfig {
  const { packages = ['alpha'], ...rest } = changes;
  return {
    name: 'test',
    suites: [{ name: 'xenial', urls: [url], components: ['main'] }],
    architectures: ['amd64'],
    keyrings: [],
    keys: [signer.publicKey.armored],
    dependencies: true,
    recommends: false,
    suggests: false,
    sources: false,
    followAllVariants: false,
    versions: 'latest',
    unsatisfied: 'report',
    missing: 'fail',
    allowEmpty: false,
    verifySignatures: true,
    checkValidUntil: true,
    checkDate: true,
    allowWeakSignatures: false,
    allowExpiredKeys: false,
    ...rest,
    packages: packages.map(parsePackageRequest),
  };
}

async function labelsOf(catalog: Catalog, suites: readonly SyncedSuite[]): Promise<readonly string[]> {
  const lists = suites.flatMap((suite) => Object.values(suite.lists));
  const members = (await Promise.all(lists.map((list) => catalog.packages(list)))).flat();
  return [...new Set(members.map(labelOf))].sort();
}

function labelOf({ name, version, architecture }: PackageRecord): string {
  return `${name}_${version}_${architecture}`;
}

async function namesIn(directory: string): Promise<readonly string[]> {
  return (await readdir(directory).catch(() => [])).sort();
}

/** Every file that a sync left in the pool for the packages it committed, by pool path. */
export async function committedFiles(bench: SyncBench): Promise<ReadonlyMap<string, Buffer>> {
  const state = await bench.state();
  const files = new Map<string, Buffer>();
  for (const list of state.flatMap(({ lists }) => Object.values(lists))) {
    for (const { poolPath } of (await bench.catalog.packages(list)).flatMap((one) => one.files)) {
      files.set(poolPath, await readFile(inPool(bench.pool, poolPath)));
    }
  }
  return files;
}
