import type { Reporter } from '../core/progress.ts';
import type { PlannedComponent } from './plan.ts';

type Telling = {
  /** What people call the publication. */
  readonly name: string;
  readonly report: Reporter;
};

const maxNamed = 10;

/** Warns of packages that apt refuses, each with its reason, and those that are left out as such. */
export function tellRefused(components: readonly PlannedComponent[], { name, report }: Telling): void {
  const refused = components.flatMap((one) =>
    one.refused.map((refusal) => ({ ...refusal, component: one.name })),
  );
  for (const { component, label, reason, isPublished } of refused.slice(0, maxNamed)) {
    const what = isPublished ? 'published, though apt refuses' : 'left out, for apt would refuse';
    const message = `${name}: ${component}: ${label}: ${reason} (${what} the whole index for it)`;
    report({ type: 'warning', message, ...reasonFor(isPublished) });
  }
  const [next, ...rest] = refused.slice(maxNamed);
  if (next === undefined) return;
  const count = rest.length + 1;
  const message = `${name}: ${count} more packages that apt refuses`;
  // One setting of the whole publication decides whether they are published.
  report({ type: 'warning', message, count, ...reasonFor(next.isPublished) });
}

function reasonFor(isPublished: boolean): { readonly leftOut?: string } {
  return isPublished ? {} : { leftOut: 'refused by apt' };
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
    report({ type: 'warning', message, count, leftOut: 'architecture not published' });
  }
}
