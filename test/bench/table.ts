import { type Cost, median } from './measure.ts';

/** All runs of one step, by the name of the program. */
export type Samples = { readonly step: string; readonly costs: Readonly<Record<string, readonly Cost[]>> };

/** A Markdown table of medians; ratios are those of the second program to the first, so above 1 the first wins. */
export function renderTable(samples: readonly Samples[], [first, second]: readonly [string, string]): string {
  const head = ['step', 'figure', first, second, `${second} / ${first}`];
  const rows = samples.flatMap(({ step, costs }) => {
    const a = median(costs[first] ?? []);
    const b = median(costs[second] ?? []);
    return figures.map(({ name, of, show }) => [step, name, show(of(a)), show(of(b)), ratio(of(b) / of(a))]);
  });
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

type Figure = {
  readonly name: string;
  readonly of: (cost: Cost) => number;
  readonly show: (value: number) => string;
};

const figures: readonly Figure[] = [
  { name: 'wall', of: (cost) => cost.wallSeconds, show: seconds },
  { name: 'CPU', of: (cost) => cost.cpuSeconds, show: seconds },
  { name: 'peak RSS', of: (cost) => cost.peakBytes, show: mebibytes },
];

function seconds(value: number): string {
  return Number.isNaN(value) ? '–' : `${value.toFixed(2)} s`;
}

function mebibytes(value: number): string {
  return Number.isNaN(value) ? '–' : `${Math.round(value / 2 ** 20)} MiB`;
}

function ratio(value: number): string {
  return Number.isNaN(value) ? '–' : `${value.toFixed(2)} ×`;
}
