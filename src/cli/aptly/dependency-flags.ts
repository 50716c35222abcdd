import type { EspejoConfig } from '../../config/config.ts';
import { assertArchitecture } from '../../deb/names.ts';
import type { FollowOptions } from '../../packages/dependencies.ts';
import { type Following, followOf as followAsConfigured } from '../../packages/following.ts';
import { boolFlag, type FlagValues, stringFlag } from '../command.ts';

type Configured = Pick<EspejoConfig, 'aptly'>;

/** What the flags say of dependencies; the rest is as configured. @throws E_UNSAFE_PATH */
export function followingOf(flags: FlagValues): Following {
  const architectures = stringFlag(flags, 'architectures') ?? '';
  return {
    ...(architectures === '' ? {} : { architectures: architectureList(architectures) }),
    follow: followFlags(flags),
  };
}

/** {@link followingOf}, undefined without `-with-deps`. */
export function dependenciesOf(flags: FlagValues): { readonly dependencies?: Following } {
  return boolFlag(flags, 'with-deps') ? { dependencies: followingOf(flags) } : {};
}

/** The `-dep-follow-*` flags that were given. */
function followFlags(flags: FlagValues): FollowOptions {
  const given = Object.entries({
    allVariants: 'dep-follow-all-variants',
    recommends: 'dep-follow-recommends',
    suggests: 'dep-follow-suggests',
    source: 'dep-follow-source',
  }).flatMap(([key, flag]) => {
    const value = flags.get(flag);
    return typeof value === 'boolean' ? [[key, value] as const] : [];
  });
  return Object.fromEntries(given);
}

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
export function followOf(flags: FlagValues, config: Configured): FollowOptions {
  return followAsConfigured({ config }, followFlags(flags));
}

/** Whether `-dep-verbose-resolve` is on. */
export function isVerbose(flags: FlagValues, { aptly }: Configured): boolean {
  const given = flags.get('dep-verbose-resolve');
  return typeof given === 'boolean' ? given : aptly.dependencyVerboseResolve;
}
