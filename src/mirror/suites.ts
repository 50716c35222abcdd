import type { MirrorState, SuiteState } from '../catalog/contract.ts';
import type { MirrorConfig } from '../config/config.ts';
import { mapConcurrently } from '../core/concurrency.ts';
import { invariant } from '../core/errors.ts';
import type { Job } from '../core/progress.ts';
import { BinaryPackage, SourcePackage } from '../deb/package.ts';
import { parseRelease } from '../deb/release.ts';
import { joinUrl } from '../fetch/url.ts';
import { type NeededIndex, neededIndexes } from './index-files.ts';
import { type IndexConsumer, readIndex } from './indexes.ts';
import { checkRelease, type SuiteRelease } from './releases.ts';
import type { SyncDeps, SyncRequest } from './request.ts';
import { Universe } from './universe.ts';

/** A suite of the configuration with what upstream says of it; the content of an unchanged Release is read when needed. */
export type SuiteCheck =
  | { readonly accepted: SuiteState; readonly fresh: undefined }
  | { readonly accepted: SuiteState | undefined; readonly fresh: SuiteRelease };

export function isUnchanged(check: SuiteCheck): boolean {
  return check.fresh === undefined;
}

/** Runs the trust chain of every suite. */
export async function checkSuites(
  deps: SyncDeps,
  { mirror, keyring, policy }: SyncRequest,
  known: MirrorState | undefined,
  job: Job,
): Promise<readonly SuiteCheck[]> {
  job.report({ type: 'phase', phase: 'release', subject: mirror.name });
  const width = { width: deps.limits.concurrency, signal: job.signal };
  return await mapConcurrently(mirror.suites, width, async (suite): Promise<SuiteCheck> => {
    const accepted = known?.suites.find((one) => one.suite === suite.name);
    const kept = accepted === undefined ? undefined : await deps.files.document(accepted.releaseSha256);
    const question = {
      fetcher: deps.fetcher,
      keyring,
      suite,
      policy,
      maxBytes: deps.limits.releaseBytes,
      now: deps.now(),
    };
    const comparable = kept === undefined ? undefined : accepted;
    const check = await checkRelease({ ...question, accepted, comparable }, job);
    if (check.kind === 'changed') return { accepted, fresh: check.suite };
    invariant(comparable !== undefined, 'only an accepted Release can be unchanged');
    return { accepted: comparable, fresh: undefined };
  });
}

/** All that the indexes of a mirror say, and what is to be remembered of each suite. */
export type MirrorView = {
  readonly universe: Universe;
  readonly suites: readonly (Omit<SuiteState, 'components'> & { readonly components: readonly string[] })[];
  urlsOf(suite: number, path: string): readonly string[];
};

/** Reads all indexes that a mirror needs, from the store or from upstream. */
export async function readSuites(
  deps: SyncDeps,
  mirror: MirrorConfig,
  checks: readonly SuiteCheck[],
  job: Job,
): Promise<MirrorView> {
  job.report({ type: 'phase', phase: 'indexes', subject: mirror.name });
  const universe = new Universe();
  const suites: MirrorView['suites'][number][] = [];
  const roots: (readonly string[])[] = [];
  for (const [position, suite] of mirror.suites.entries()) {
    const check = checks[position];
    invariant(check !== undefined, 'every suite was checked');
    const { state, content } = await currentRelease(deps, suite.name, check);
    const release = parseRelease(content, `${state.url}dists/${suite.name}/Release`);
    const urls = [state.url, ...suite.urls.filter((url) => url !== state.url)];
    roots.push(urls);
    const needed = neededIndexes(release, {
      what: `${state.url}dists/${suite.name}`,
      components: suite.components,
      architectures: mirror.architectures,
      sources: mirror.sources,
    });
    const bases = urls.map((url) => `${url}dists/${suite.name}/`);
    const indexes: Record<string, string> = {};
    for (const index of needed) {
      const reading = { fetcher: deps.fetcher, files: deps.files, bases, maxBytes: deps.limits.indexBytes };
      const collector = collect(index, position, job);
      const id = await readIndex(index, reading, collector, job);
      collector.pour(universe);
      if (id !== undefined) indexes[index.path] = id;
    }
    suites.push({ ...state, indexes, components: suite.components });
  }
  return {
    universe,
    suites,
    urlsOf: (suite, path) => (roots[suite] ?? []).map((root) => joinUrl(root, path)),
  };
}

type ReleaseMemory = { readonly state: Omit<SuiteState, 'components' | 'indexes'>; readonly content: Buffer };

async function currentRelease(deps: SyncDeps, suite: string, check: SuiteCheck): Promise<ReleaseMemory> {
  if (check.fresh === undefined) {
    const content = await deps.files.document(check.accepted.releaseSha256);
    invariant(content !== undefined, 'an unchanged Release is kept');
    return { state: check.accepted, content };
  }
  const { url, sha256, release, validators, content } = check.fresh;
  await deps.files.keepDocument(content);
  const state = {
    suite,
    url,
    releaseSha256: sha256,
    releaseDate: release.date.getTime(),
    validUntil: release.validUntil?.getTime() ?? null,
    etag: validators.etag ?? null,
    lastModified: validators.lastModified ?? null,
    meta: releaseMeta(release.stanza.fields),
  };
  return { state, content };
}

const fileListFields = new Set(['MD5Sum', 'SHA1', 'SHA256', 'SHA512']);

function releaseMeta(
  fields: readonly { readonly name: string; readonly value: string }[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    fields.filter(({ name }) => !fileListFields.has(name)).map(({ name, value }) => [name, value]),
  );
}

/** Gathers the packages of one index and pours them out once the index is known to be what Release says. */
function collect(
  index: NeededIndex,
  suite: number,
  job: Job,
): IndexConsumer & { pour(universe: Universe): void } {
  const { component, path } = index;
  let binaries: BinaryPackage[] = [];
  let sources: SourcePackage[] = [];
  let foreign = 0;
  const addBinary = (raw: Buffer): void => {
    const one = BinaryPackage.fromParagraph(raw, { what: path });
    if (one.architecture === index.architecture || one.architecture === 'all') binaries.push(one);
    else foreign += 1;
  };
  return {
    start() {
      binaries = [];
      sources = [];
      foreign = 0;
    },
    batch(paragraphs) {
      if (index.kind === 'packages') for (const raw of paragraphs) addBinary(raw);
      else for (const raw of paragraphs) sources.push(SourcePackage.fromParagraph(raw, { what: path }));
    },
    pour(universe) {
      for (const one of binaries) universe.add({ suite, component, package: one });
      for (const one of sources) universe.addSource({ suite, component, package: one });
      if (foreign > 0)
        job.report({
          type: 'warning',
          message: `${path}: ${foreign} packages of other architectures left out`,
        });
    },
  };
}
