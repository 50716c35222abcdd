import { mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Catalog } from '../../src/catalog/contract.ts';
import { openSqliteCatalog } from '../../src/catalog/sqlite/catalog.ts';
import type { MirrorConfig, PublicationConfig } from '../../src/config/config.ts';
import { EspejoError } from '../../src/core/errors.ts';
import { openFilesystemEndpoint } from '../../src/endpoint/filesystem/open-filesystem-endpoint.ts';
import { reconcileSynced, type SuiteNews } from '../../src/mirror/reconcile.ts';
import type { Signer } from '../../src/openpgp/contract.ts';
import { generateKey } from '../../src/openpgp/generate-key.ts';
import { loadSigner } from '../../src/openpgp/signer.ts';
import type { Job } from '../../src/packages/events.ts';
import { openFilesystemPool } from '../../src/pool/filesystem/open-filesystem-pool.ts';
import type { Pool } from '../../src/pool/pool.ts';
import { type ConfiguredDeps, type PublishResult, publish } from '../../src/publish/publish.ts';
import type { PublishDeps } from '../../src/publish/release.ts';
import { rollback } from '../../src/publish/rollback.ts';
import { type VerifyResult, verifyPublication } from '../../src/publish/verify.ts';
import { makePackage, type PackageSpec } from '../builders/packages.ts';
import { birth, later } from './openpgp-keys.ts';
import { keptKey } from './signing-keys.ts';
import { quickDirectory } from './temporary-directory.ts';

export const quietJob: Job = { signal: new AbortController().signal, report: () => undefined };

/** Packages by component. */
export type Stock = Readonly<Record<string, readonly PackageSpec[]>>;

/** A root directory with a stocked catalog and pool, and a clock that only the test moves. */
export type Workshop = {
  readonly root: string;
  readonly publicDirectory: string;
  readonly catalog: Catalog;
  readonly pool: Pool;
  readonly signer: Signer;
  readonly deps: PublishDeps;
  readonly clock: { now: Date };
  advance(seconds: number): void;
  /** Makes the mirror `upstream` hold exactly these packages, as a sync would. */
  stock(stock: Stock): Promise<void>;
  /** The same with several suites. */
  stockSuites(suites: Readonly<Record<string, Stock>>): Promise<void>;
  publish(options?: PublishOptions): Promise<PublishResult>;
  rollback(to?: string): Promise<PublishResult>;
  verify(changes?: Partial<PublicationConfig>): Promise<VerifyResult>;
  /** A path below the public directory. */
  at(path: string): string;
};

type PublishOptions = {
  readonly changes?: Partial<PublicationConfig>;
  readonly force?: boolean;
  readonly deps?: Partial<PublishDeps>;
  readonly signer?: Signer;
  readonly job?: Job;
};

type WorkshopOptions = {
  /** Where the root directory is made. */
  readonly directory?: string;
  readonly publicDirectory?: string;
  readonly changes?: Partial<PublicationConfig>;
};

export async function makeWorkshop(context: TestContext, options: WorkshopOptions = {}): Promise<Workshop> {
  const root = await mkdtemp(join(options.directory ?? quickDirectory, 'espejo-publish-'));
  const catalog = await openSqliteCatalog(join(root, 'db', 'espejo.db'));
  context.after(async () => {
    await catalog.close();
    await rm(root, { recursive: true, force: true });
  });
  const pool = await openFilesystemPool({
    root: join(root, 'pool'),
    temporary: join(root, 'tmp'),
    ledger: catalog.ledger,
  });
  const publicDirectory = options.publicDirectory ?? join(root, 'public');
  const clock = { now: later };
  const readContents = async (): Promise<readonly string[]> => [];
  const endpoint = openFilesystemEndpoint({
    directory: publicDirectory,
    link: 'hardlink',
    verify: 'digest',
  });
  const endpoints: PublishDeps['endpoints'] = {
    of(storage) {
      if (storage === '') return endpoint;
      throw new EspejoError('E_CONFIG_INVALID', `${storage} is not configured`);
    },
  };
  const deps: PublishDeps = {
    catalog,
    pool,
    endpoints,
    config: { keepRemovedFilesSeconds: 0 },
    readContents,
    now: () => clock.now,
  };
  const signer = await testSigner();
  const configOf = (changes: Partial<PublicationConfig> = {}): PublicationConfig => ({
    ...samplePublication,
    ...options.changes,
    ...changes,
  });
  const configured = (signing: Signer): ConfiguredDeps => ({
    ...deps,
    mirrors: [sampleMirror],
    signerOf: async () => signing,
  });
  return {
    root,
    publicDirectory,
    catalog,
    pool,
    signer,
    deps,
    clock,
    advance: (seconds) => {
      clock.now = new Date(clock.now.getTime() + seconds * 1000);
    },
    stock: (stock) => stockUp(deps, { xenial: stock }),
    stockSuites: (suites) => stockUp(deps, suites),
    publish: ({ changes, force = false, deps: other, signer: otherSigner = signer, job = quietJob } = {}) => {
      const publication = configOf(changes);
      return publish({ ...configured(otherSigner), ...other }, { publication, force }, job);
    },
    rollback: (to) => rollback(configured(signer), { publication: configOf(), to }, quietJob),
    verify: async (changes) =>
      await verifyPublication(
        { view: await endpoint.view(configOf(changes)), now: () => clock.now },
        {
          publication: configOf(changes),
          publicKey: signer.publicKey.armored,
          repair: 'run "espejo publish -force"',
        },
        quietJob,
      ),
    at: (path) => join(publicDirectory, path),
  };
}

/** Makes the mirror `upstream` hold exactly these packages, as a sync would. */
export async function stockUp(deps: StockDeps, stocks: Readonly<Record<string, Stock>>): Promise<void> {
  const suites: SuiteNews[] = [];
  for (const [name, stock] of Object.entries(stocks)) suites.push(await stockSuite(deps, name, stock));
  const { objects } = deps.catalog;
  const mirror = {
    ...sampleMirror,
    suites: suites.map(({ suite }) => ({ name: suite, urls: [], components: [] })),
  };
  const news = { selectionId: 's', syncedAt: deps.now().getTime(), suites };
  await objects.change(reconcileSynced(mirror, await objects.all('mirror'), news));
}

type StockDeps = Pick<PublishDeps, 'catalog' | 'pool' | 'now'>;

async function stockSuite({ pool }: StockDeps, suite: string, stock: Stock): Promise<SuiteNews> {
  const components = [];
  for (const [name, specs] of Object.entries(stock)) {
    const made = await Promise.all(specs.map(makePackage));
    for (const { record, bytes } of made) {
      const [file] = record.files;
      if (file === undefined) continue;
      const pooled = { name: file.name, facts: file };
      if ((await pool.check(pooled, quietJob.signal)) === 'present') continue;
      await writeFile(pool.stage(pooled).localPath, bytes);
      await pool.admit(pool.stage(pooled), pooled);
    }
    components.push({ name, packages: made.map(({ record }) => record) });
  }
  return {
    suite,
    release: {
      url: 'http://127.0.0.1/',
      releaseSha256: '',
      releaseDate: 0,
      validUntil: null,
      etag: null,
      lastModified: null,
    },
    meta: {},
    indexes: {},
    components,
  };
}

const sampleMirror: MirrorConfig = {
  name: 'upstream',
  suites: [{ name: 'xenial', urls: ['http://127.0.0.1/'], components: ['main'] }],
  architectures: ['amd64', 'i386'],
  keyrings: [],
  keys: [],
  packages: [],
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
};

export const samplePublication: PublicationConfig = {
  name: 'mirror',
  prefix: 'ubuntu',
  distribution: 'xenial',
  components: undefined,
  architectures: undefined,
  sources: [{ mirror: 'upstream', suite: undefined }],
  origin: 'Tests',
  label: 'Tests',
  suite: undefined,
  codename: undefined,
  description: undefined,
  key: undefined,
  notAutomatic: undefined,
  butAutomaticUpgrades: undefined,
  acquireByHash: true,
  validForSeconds: undefined,
  sign: true,
  keepGenerations: 3,
  keepByHashSeconds: 3600,
};

const signers = new Map<string, Promise<Signer>>();

/** A signer with RSA 2048, one of each name in a process. */
export function testSigner(name = 'Mirror <mirror@localhost>'): Promise<Signer> {
  const known = signers.get(name);
  if (known !== undefined) return known;
  const directory = keptKey(name, birth);
  const made = generateKey({ directory, userId: name, now: birth, rsaBits: 2048 }).then(() =>
    loadSigner({ directory, now: later }),
  );
  signers.set(name, made);
  return made;
}

/** Everything that a change would show in: type, inode, mode, times, size and link target of each entry. */
export async function fingerprintOf(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const lines = entries.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink()) return `${path} -> ${await readlink(path)}`;
    const { ino, mode, mtimeMs, size } = await stat(path);
    return `${path} ${ino} ${mode.toString(8)} ${mtimeMs} ${size}`;
  });
  return (await Promise.all(lines)).sort();
}

/** The relative paths of the files and links below a directory, sorted. */
export async function listFiles(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
}

/** Field and value lines of the Release that clients see. */
export async function readRelease(workshop: Workshop, dist = 'ubuntu/dists/xenial'): Promise<string> {
  return await readFile(workshop.at(`${dist}/Release`), 'utf8');
}
