import { EspejoError } from '../core/errors.ts';
import { isFlatSuite } from '../deb/suite-directory.ts';
import type { AptlyConfig } from './aptly-schema.ts';
import type { MirrorConfig, PackageRequest, SuiteConfig } from './config.ts';
import type { MirrorData } from './espejo-schema.ts';
import { parsePackageRequest } from './package-request.ts';
import type { KeyPath, Report } from './problems.ts';

type Context = {
  readonly aptly: AptlyConfig;
  /** What mirrors do about files that are not there unless they say it themselves. */
  readonly missing: MirrorConfig['missing'];
  readonly report: Report;
  /** An absolute path from one of the file. */
  readonly absolute: (path: string) => string;
};

/** A mirror with its defaults, some of which are aptly's own keys; what does not fit together is reported. */
export function resolveMirror(name: string, data: MirrorData, context: Context): MirrorConfig {
  const { aptly, missing, report, absolute } = context;
  const path = ['mirrors', name];
  if (data.verifySignatures && data.keyring.length === 0 && data.key.length === 0) {
    report(
      path,
      'has neither keyring nor key, so nothing can verify its signatures',
      'name the keyring file of the archive under "keyring"; "verify_signatures: false" trusts anything',
    );
  }
  return {
    name,
    suites: resolveSuites(path, data, report),
    architectures: unique(data.architectures ?? architecturesOf(aptly)),
    keyrings: data.keyring.map(absolute),
    keys: data.key,
    packages: resolvePackages(path, data.packages, report),
    dependencies: data.dependencies,
    recommends: data.recommends ?? aptly.dependencyFollowRecommends,
    suggests: data.suggests ?? aptly.dependencyFollowSuggests,
    sources: data.sources ?? aptly.downloadSourcePackages,
    followAllVariants: data.followAllVariants ?? aptly.dependencyFollowAllVariants,
    versions: data.versions,
    unsatisfied: data.unsatisfied,
    missing: data.missing ?? missing,
    allowEmpty: data.allowEmpty,
    verifySignatures: data.verifySignatures,
    allowWeakSignatures: data.allowWeakSignatures,
    allowExpiredKeys: data.allowExpiredKeys,
    checkValidUntil: data.checkValidUntil,
    checkDate: data.checkDate,
  };
}

function resolveSuites(path: KeyPath, data: MirrorData, report: Report): readonly SuiteConfig[] {
  const seen = new Set<string>();
  return data.suites.map((suite, index) => {
    const suitePath = [...path, 'suites', index];
    const urls = suite.url ?? data.url ?? [];
    const components = isFlatSuite(suite.name)
      ? flatComponent(suitePath, suite.components, data.components, report)
      : (suite.components ?? data.components ?? []);
    if (seen.has(suite.name)) report(suitePath, `the suite "${suite.name}" is named twice`);
    seen.add(suite.name);
    if (urls.length === 0) report(suitePath, 'has no url, and the mirror has none either');
    if (components.length === 0) report(suitePath, 'has no components, and the mirror has none either');
    return {
      name: suite.name,
      urls: unique(urls),
      components: unique(components),
      ...(suite.expect === undefined ? {} : { expect: suite.expect }),
    };
  });
}

/** A flat archive has no components: what it is published as is said for it, or by a mirror that names but one. */
function flatComponent(
  path: KeyPath,
  own: readonly string[] | undefined,
  common: readonly string[] | undefined,
  report: Report,
): readonly string[] {
  if (own !== undefined && own.length > 1)
    report(path, 'is a flat archive, which has no components', 'name the one that it is to be published as');
  if (own !== undefined) return own.slice(0, 1);
  return common?.length === 1 ? common : ['main'];
}

function resolvePackages(path: KeyPath, texts: readonly string[], report: Report): readonly PackageRequest[] {
  const packagesPath = [...path, 'packages'];
  if (texts.length === 0) {
    report(packagesPath, 'is missing or empty', 'name at least one package; the query "Name" takes them all');
  }
  return texts.flatMap((text, index) => {
    try {
      return [parsePackageRequest(text)];
    } catch (error) {
      if (!(error instanceof EspejoError)) throw error;
      report([...packagesPath, index], error.message, error.hint);
      return [];
    }
  });
}

/** aptly's list without what is no architecture of its own. */
function architecturesOf(aptly: AptlyConfig): readonly string[] {
  const listed = aptly.architectures.filter((name) => name !== 'all' && name !== 'source');
  return listed.length === 0 ? ['amd64'] : listed;
}

function unique(items: readonly string[]): readonly string[] {
  return [...new Set(items)];
}
