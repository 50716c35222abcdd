import type { Job, ProgressEvent } from './progress.ts';

type Warning = Extract<ProgressEvent, { readonly type: 'warning' }>;

/** What went by in a piece of work and did not stop it. */
export type Tally = {
  readonly warnings: number;
  /** Packages that were left out, and how many for which reason. */
  readonly leftOut: { readonly packages: number; readonly reasons: Readonly<Record<string, number>> };
};

/**
 * The job, and a count of the warnings that are reported to it. A warning that stands for several counts as many; those who are
 * shown fewer lines than there were warnings see the true number.
 */
export function tallied<Event extends { readonly type: string } = never>(
  job: Job<Event | ProgressEvent>,
): {
  readonly job: Job<Event | ProgressEvent>;
  /** Counts a warning that is told in another way. */
  readonly count: (warning: Pick<Warning, 'count' | 'leftOut'>) => void;
  readonly tally: () => Tally;
} {
  let warnings = 0;
  let packages = 0;
  const reasons = new Map<string, number>();
  const add = ({ count = 1, leftOut }: Pick<Warning, 'count' | 'leftOut'>): void => {
    warnings += count;
    if (leftOut === undefined) return;
    packages += count;
    reasons.set(leftOut, (reasons.get(leftOut) ?? 0) + count);
  };
  return {
    job: {
      signal: job.signal,
      report: (event) => {
        if (isWarning(event)) add(event);
        job.report(event);
      },
    },
    count: add,
    tally: () => ({ warnings, leftOut: { packages, reasons: Object.fromEntries(reasons) } }),
  };
}

function isWarning(event: { readonly type: string }): event is Warning {
  return event.type === 'warning';
}
