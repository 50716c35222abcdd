import { didYouMean } from '../core/closest.ts';
import { overlapOf } from '../deb/names.ts';
import { flatDirectory, isFlatSuite } from '../deb/suite-directory.ts';
import type { AptlyConfig } from './aptly-schema.ts';
import type { MirrorConfig, PublicationConfig, PublicationSource } from './config.ts';
import type { PublicationData } from './espejo-schema.ts';
import type { KeyPath, Report } from './problems.ts';

type Context = {
  readonly aptly: AptlyConfig;
  readonly mirrors: readonly MirrorConfig[];
  readonly report: Report;
};

/** A publication with its defaults; what it names and no mirror has is reported. */
export function resolvePublication(
  name: string,
  data: PublicationData,
  { aptly, mirrors, report }: Context,
): PublicationConfig {
  const path = ['publications', name];
  const sources = data.mirrors.flatMap((reference, index) =>
    resolveSource(reference, mirrors, (message) => report([...path, 'mirrors', index], message)),
  );
  reportUnknown([...path, 'components'], data.components, componentsOf(sources, mirrors), report);
  reportUnknown([...path, 'architectures'], data.architectures, architecturesOf(sources, mirrors), report);
  return {
    name,
    prefix: data.prefix,
    distribution: data.distribution ?? name,
    components: data.components,
    architectures: data.architectures,
    sources,
    origin: data.origin,
    label: data.label,
    suite: data.suite,
    codename: data.codename,
    description: data.description,
    key: data.key ?? aptly.gpgKeys[0],
    notAutomatic: data.notAutomatic,
    butAutomaticUpgrades: data.butAutomaticUpgrades,
    acquireByHash: data.acquireByHash,
    validForSeconds: data.validFor,
    sign: data.sign ?? !aptly.gpgDisableSign,
    keepGenerations: data.keepGenerations,
    keepByHashSeconds: data.keepByHash,
  };
}

/** Reports publications that share a place, or of which one lies in the tree of another. */
export function reportConflicts(publications: readonly PublicationConfig[], report: Report): void {
  for (const [index, later] of publications.entries()) {
    for (const earlier of publications.slice(0, index)) {
      if (earlier.prefix !== later.prefix) continue;
      const place = `${later.prefix}/dists/${later.distribution}`;
      const overlap = overlapOf(later.distribution, earlier.distribution);
      if (overlap === undefined) continue;
      const how = overlap === 'same' ? 'as is' : `${overlap} the tree of`;
      report(['publications', later.name], `is published at ${place}, ${how} "${earlier.name}"`);
    }
  }
}

/** `mirror`, or `mirror:suite`; both names may hold colons. */
function resolveSource(
  reference: string,
  mirrors: readonly MirrorConfig[],
  report: (message: string) => void,
): readonly PublicationSource[] {
  if (mirrors.some(({ name }) => name === reference)) return [{ mirror: reference, suite: undefined }];
  const candidates = mirrors.filter(({ name }) => reference.startsWith(`${name}:`));
  for (const { name, suites } of candidates) {
    const written = reference.slice(name.length + 1);
    const suite = suites.find((other) => other.name === written || other.name === flatName(written));
    if (suite !== undefined) return [{ mirror: name, suite: suite.name }];
  }
  const [mirror] = candidates;
  if (mirror === undefined) {
    const name = reference.split(':', 1).join();
    const like = didYouMean(
      name,
      mirrors.map((other) => other.name),
    );
    report(`there is no mirror "${name}"${like}`);
  } else {
    const suite = reference.slice(mirror.name.length + 1);
    const like = didYouMean(
      suite,
      mirror.suites.map(({ name }) => name),
    );
    report(`the mirror "${mirror.name}" has no suite "${suite}"${like}`);
  }
  return [];
}

/** The name of a flat archive, of which there are several spellings. */
function flatName(suite: string): string | undefined {
  if (!isFlatSuite(suite)) return undefined;
  return flatDirectory(suite) || './';
}

function reportUnknown(
  path: KeyPath,
  names: readonly string[] | undefined,
  known: ReadonlySet<string>,
  report: Report,
): void {
  if (known.size === 0) return;
  for (const [index, name] of (names ?? []).entries()) {
    if (!known.has(name))
      report([...path, index], `none of its mirrors has "${name}"${didYouMean(name, known)}`);
  }
}

function componentsOf(
  sources: readonly PublicationSource[],
  mirrors: readonly MirrorConfig[],
): ReadonlySet<string> {
  const components = new Set<string>();
  for (const { mirror, suite } of sources) {
    const suites = mirrors.find(({ name }) => name === mirror)?.suites ?? [];
    for (const { name, components: own } of suites) {
      if (suite === undefined || suite === name) for (const component of own) components.add(component);
    }
  }
  return components;
}

function architecturesOf(
  sources: readonly PublicationSource[],
  mirrors: readonly MirrorConfig[],
): ReadonlySet<string> {
  const used = new Set(sources.map(({ mirror }) => mirror));
  return new Set(mirrors.filter(({ name }) => used.has(name)).flatMap(({ architectures }) => architectures));
}
