import { EspejoError } from '../core/errors.ts';
import type { PackageSet } from './package-set.ts';

export type ArchitectureOptions = {
  /** Whether source packages count as an architecture: only for `snapshot verify`. */
  readonly source?: boolean;
};

/**
 * The architectures that dependencies are followed for: the configured ones, else those that the packages of a list
 * have (`all` is none). Which list: the one that is searched or filtered, the one that is pulled or copied into.
 * @throws E_NO_ARCHITECTURES when there are none
 */
export function chooseArchitectures(
  configured: readonly string[],
  inspected: PackageSet,
  options: ArchitectureOptions = {},
): readonly string[] {
  const chosen = configured.length > 0 ? configured : architecturesOf(inspected, options);
  if (chosen.length > 0) return chosen;
  throw new EspejoError('E_NO_ARCHITECTURES', 'unable to determine list of architectures', {
    hint: 'name them with -architectures',
  });
}

/** The distinct architectures of the packages, sorted, without `all`, and without `source` unless asked for. */
function architecturesOf(set: PackageSet, { source = false }: ArchitectureOptions = {}): readonly string[] {
  const found = new Set(set.members.map(({ package: { architecture } }) => architecture));
  found.delete('all');
  if (!source) found.delete('source');
  return Array.from(found).sort();
}
