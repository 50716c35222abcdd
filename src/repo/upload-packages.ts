import type { BinaryPackage, SourcePackage } from '../deb/package.ts';
import type { Changes } from '../deb/read-changes.ts';

type Declared = Pick<Changes, 'stanza' | 'architectures' | 'binaries'>;

/**
 * Whether a package is what a .changes file says that it brings (spec/semantics.md 8.3): of one of its architectures (`all` is
 * of every one but `source`), and its source or one of its binaries or the debug symbols of one.
 */
export function isOfUpload(pkg: BinaryPackage | SourcePackage, changes: Declared): boolean {
  const { architecture, name } = pkg;
  const { architectures, binaries } = changes;
  const fits =
    architectures.includes(architecture) ||
    (architecture === 'all' && architectures.some((declared) => declared !== 'source'));
  if (!fits) return false;
  if (pkg.kind === 'source') return name === sourceNameOf(changes);
  return binaries.some((binary) => name === binary || name === `${binary}-dbgsym`);
}

/** `Source` may have a version in parentheses (policy 5.6.1). */
function sourceNameOf({ stanza }: Declared): string {
  const source = stanza.get('Source') ?? '';
  const end = source.search(/[ (]/);
  return end < 0 ? source : source.slice(0, end);
}
