import type { EspejoConfig } from '../../config/config.ts';
import { assertArchitecture } from '../../deb/names.ts';
import { chooseArchitectures } from '../../packages/architectures.ts';
import type { FollowOptions } from '../../packages/dependencies.ts';
import type { Job } from '../../packages/events.ts';
import type { PackageSet } from '../../packages/package-set.ts';
import type { ResolveOptions } from '../../packages/resolve.ts';
import { boolFlag, type FlagValues, stringFlag } from '../command.ts';

type Configured = Pick<EspejoConfig, 'aptly'>;

/** `-architectures`, else the configured ones; empty: those that there are. @throws E_UNSAFE_PATH */
export function architecturesOf(flags: FlagValues, { aptly }: Configured): readonly string[] {
  const given = stringFlag(flags, 'architectures') ?? '';
  return given === '' ? aptly.architectures : architectureList(given);
}

/** Architectures between commas; a comma more says nothing. @throws E_UNSAFE_PATH */
export function architectureList(text: string): readonly string[] {
  const architectures = text.split(',').filter((one) => one !== '');
  for (const architecture of architectures) assertArchitecture(architecture);
  return architectures;
}

/** The `-dep-follow-*` flags over their configuration, in either direction. */
export function followOf(flags: FlagValues, { aptly }: Configured): FollowOptions {
  return {
    allVariants: overridden(flags, 'dep-follow-all-variants', aptly.dependencyFollowAllVariants),
    recommends: overridden(flags, 'dep-follow-recommends', aptly.dependencyFollowRecommends),
    suggests: overridden(flags, 'dep-follow-suggests', aptly.dependencyFollowSuggests),
    source: overridden(flags, 'dep-follow-source', aptly.dependencyFollowSource),
  };
}

/**
 * How `-with-deps` follows dependencies within a set; undefined without the flag.
 * @throws E_NO_ARCHITECTURES
 */
export function dependenciesIn(
  set: PackageSet,
  {
    flags,
    config,
    report,
  }: { readonly flags: FlagValues; readonly config: Configured; readonly report: Job['report'] },
): Omit<ResolveOptions, 'available'> | undefined {
  if (!boolFlag(flags, 'with-deps')) return undefined;
  return {
    architectures: chooseArchitectures(architecturesOf(flags, config), set),
    follow: followOf(flags, config),
    report,
  };
}

/** Whether `-dep-verbose-resolve` is on. */
export function isVerbose(flags: FlagValues, { aptly }: Configured): boolean {
  return overridden(flags, 'dep-verbose-resolve', aptly.dependencyVerboseResolve);
}

function overridden(flags: FlagValues, name: string, configured: boolean): boolean {
  const given = flags.get(name);
  return typeof given === 'boolean' ? given : configured;
}
