import type { EspejoConfig } from '../config/config.ts';
import { assertArchitecture } from '../deb/names.ts';
import { type ArchitectureOptions, chooseArchitectures } from './architectures.ts';
import type { FollowOptions } from './dependencies.ts';
import type { PackageSet } from './package-set.ts';
import type { ResolveOptions } from './resolve.ts';

/** Which dependencies are followed, and for which architectures; what is absent is as configured. */
export type Following = {
  readonly architectures?: readonly string[];
  readonly follow?: FollowOptions;
};

type Configured = { readonly config: Pick<EspejoConfig, 'aptly'> };

/**
 * A choice with what is configured, and where that names no architecture, with those of a list.
 * @throws E_NO_ARCHITECTURES, E_UNSAFE_PATH
 */
export function followingIn(
  { config }: Configured,
  { architectures = config.aptly.architectures, follow }: Following,
  inspected: PackageSet,
  options?: ArchitectureOptions,
): Required<Pick<ResolveOptions, 'architectures' | 'follow'>> {
  for (const architecture of architectures) assertArchitecture(architecture);
  return {
    architectures: chooseArchitectures(architectures, inspected, options),
    follow: followOf({ config }, follow),
  };
}

/** What is followed: what is chosen, over what is configured, in either direction. */
export function followOf({ config: { aptly } }: Configured, chosen: FollowOptions = {}): FollowOptions {
  return {
    allVariants: aptly.dependencyFollowAllVariants,
    recommends: aptly.dependencyFollowRecommends,
    suggests: aptly.dependencyFollowSuggests,
    source: aptly.dependencyFollowSource,
    ...chosen,
  };
}
