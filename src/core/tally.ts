import type { Job } from './progress.ts';

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
export function tallied(job: Job): { readonly job: Job; readonly tally: () => Tally } {
  let warnings = 0;
  let packages = 0;
  const reasons = new Map<string, number>();
  return {
    job: {
      signal: job.signal,
      report: (event) => {
        if (event.type === 'warning') {
          const { count = 1, leftOut } = event;
          warnings += count;
          if (leftOut !== undefined) {
            packages += count;
            reasons.set(leftOut, (reasons.get(leftOut) ?? 0) + count);
          }
        }
        job.report(event);
      },
    },
    tally: () => ({ warnings, leftOut: { packages, reasons: Object.fromEntries(reasons) } }),
  };
}
