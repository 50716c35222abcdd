import { mapConcurrently } from '../core/concurrency.ts';
import { invariant } from '../core/errors.ts';
import type { BinaryPackage, SourcePackage } from '../deb/package.ts';
import { fileUrls } from '../fetch/url.ts';
import { keyringOf } from '../keys/own-key.ts';
import type { Job } from '../packages/events.ts';
import { neededIndexes } from './index-files.ts';
import type { IndexReading } from './indexes.ts';
import { type CurrentRelease, currentRelease } from './mirror-release.ts';
import { knownIndexes, readIndexes, type Taking } from './read-indexes.ts';
import { readSteadily } from './read-steadily.ts';
import type { SuiteNews, SyncedSuite } from './reconcile.ts';
import { metaOf } from './release.ts';
import { isFlat, releaseDirectory } from './release-place.ts';
import type { SyncPorts, SyncRequest } from './request.ts';
import { Universe } from './universe.ts';

/** A suite of the configuration with what was known of it and what upstream says now. */
export type SuiteCheck = { readonly before: SyncedSuite | undefined; readonly fresh: CurrentRelease };

/** Runs the trust chain of every suite. */
export async function checkSuites(
  ports: SyncPorts,
  { mirror, policy: { verifySignatures, ...policy } }: SyncRequest,
  known: readonly SyncedSuite[],
  job: Job,
): Promise<readonly SuiteCheck[]> {
  job.report({ type: 'phase', phase: 'release', subject: mirror.name });
  const keyring = await keyringOf(mirror);
  const width = { width: ports.config.limits.concurrency, signal: job.signal };
  return await mapConcurrently(mirror.suites, width, async ({ name, urls, expect }): Promise<SuiteCheck> => {
    const before = known.find(({ distribution }) => distribution === name);
    const question = {
      fetcher: ports.fetcher,
      suite: name,
      expect,
      urls,
      keyring: verifySignatures ? keyring : undefined,
      policy: { ...policy, manner: 'strict' } as const,
      accepted: before?.release,
    };
    return { before, fresh: await currentRelease(ports, question, before?.release, job) };
  });
}

/** All that the indexes of a mirror say, and what is to be remembered of each suite. */
export type MirrorView = {
  readonly universe: Universe;
  readonly suites: readonly (Omit<SuiteNews, 'components'> & { readonly components: readonly string[] })[];
  urlsOf(suite: number, path: string): readonly string[];
};

/** Reads all indexes that a mirror needs, from the store or from upstream. See {@link readSteadily}. */
export async function readSuites(
  deps: SyncPorts,
  request: SyncRequest,
  { known, checks }: { readonly known: readonly SyncedSuite[]; readonly checks: readonly SuiteCheck[] },
  job: Job,
): Promise<MirrorView> {
  job.report({ type: 'phase', phase: 'indexes', subject: request.mirror.name });
  const reader = {
    ask: (watched: Job) => checkSuites(deps, request, known, watched),
    idsOf: (asked: readonly SuiteCheck[]) => asked.map(({ fresh }) => fresh.sha256),
    read: (asked: readonly SuiteCheck[]) => readOnce(deps, request, asked, job),
  };
  return await readSteadily(checks, reader, job);
}

async function readOnce(
  deps: SyncPorts,
  { mirror }: SyncRequest,
  checks: readonly SuiteCheck[],
  job: Job,
): Promise<MirrorView> {
  const universe = new Universe();
  const suites: MirrorView['suites'][number][] = [];
  const roots: (readonly string[])[] = [];
  for (const [position, suite] of mirror.suites.entries()) {
    const check = checks[position];
    invariant(check !== undefined, 'every suite was checked');
    const { before, fresh } = check;
    const { url, release } = fresh;
    const place = {
      archiveRoot: url,
      distribution: suite.name,
      components: suite.components,
      architectures: mirror.architectures,
      downloadSources: mirror.sources,
      downloadUdebs: false,
      downloadInstaller: false,
    };
    const directory = releaseDirectory(place);
    const urls = [url, ...suite.urls.filter((one) => one !== url)];
    const { indexes: needed, warnings } = neededIndexes(release, place, { manner: 'strict' });
    for (const message of warnings) job.report({ type: 'warning', message });
    // Files of a flat archive are named from its root, as apt has it, or from where its Release is.
    roots.push(isFlat(place) ? unique([...urls, ...urls.map((one) => one + directory)]) : urls);
    const reading: IndexReading = {
      fetcher: deps.fetcher,
      files: deps.files,
      bases: urls.map((one) => one + directory),
      known: await knownIndexes(deps.files, before, needed),
      maxBytes: deps.config.limits.indexBytes,
    };
    const taking: Taking<BinaryPackage | SourcePackage> = {
      vouching: 'strong',
      architectures: mirror.architectures,
      // The files of a source are read here, so that a list that cannot be read is told like the rest.
      accept: (one) => (one.kind === 'source' && one.files.length === 0 ? undefined : one),
      add(one, { component }) {
        if (one.kind === 'source') universe.addSource({ suite: position, component, package: one });
        else universe.add({ suite: position, component, package: one });
      },
    };
    const indexes = await readIndexes(needed, reading, { taking }, job);
    suites.push({
      suite: suite.name,
      release: fresh.accepted,
      meta: metaOf(release),
      indexes,
      components: suite.components,
    });
  }
  return {
    universe,
    suites,
    urlsOf: (suite, path) => (roots[suite] ?? []).flatMap((root) => fileUrls(root, path)),
  };
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
