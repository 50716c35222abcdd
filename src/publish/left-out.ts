import type { Reporter } from '../core/progress.ts';
import type { PlannedComponent } from './plan.ts';

type Telling = {
  /** What people call the publication. */
  readonly name: string;
  readonly report: Reporter;
};

const maxNamed = 10;

/**
 * Warns of packages that apt refuses, each with its reason.
 * @returns how many are left out
 */
export function tellRefused(components: readonly PlannedComponent[], { name, report }: Telling): number {
  const refused = components.flatMap((one) =>
    one.refused.map((refusal) => ({ ...refusal, component: one.name })),
  );
  for (const { component, label, reason, isPublished } of refused.slice(0, maxNamed)) {
    const what = isPublished ? 'published, though apt refuses' : 'left out, for apt would refuse';
    report({
      type: 'warning',
      message: `${name}: ${component}: ${label}: ${reason} (${what} the whole index for it)`,
    });
  }
  if (refused.length > maxNamed) {
    const message = `${name}: ${refused.length - maxNamed} more packages that apt refuses`;
    report({ type: 'warning', message });
  }
  return refused.filter(({ isPublished }) => !isPublished).length;
}

/** Warns of packages that are left out because their architecture is not published. */
export function tellNotPublished(components: readonly PlannedComponent[], { name, report }: Telling): void {
  for (const { name: component, notPublished } of components) {
    const count = notPublished.length;
    if (count === 0) continue;
    const architectures = new Set(notPublished.map((label) => label.slice(label.lastIndexOf('_') + 1)));
    const what = `${count} package${count === 1 ? '' : 's'} left out, as not of a published architecture`;
    const named = notPublished.slice(0, maxNamed).join(', ') + (count > maxNamed ? ', ...' : '');
    const message = `${name}: ${component}: ${what} (${[...architectures].sort().join(', ')}): ${named}`;
    report({ type: 'warning', message });
  }
}
