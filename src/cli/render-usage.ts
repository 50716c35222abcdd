import { formatBytes } from '../core/units.ts';
import type { DiskUsage, HolderUsage } from '../upkeep/disk-usage.ts';

const nameWidth = 42;
const kindWidth = 11;

/** A table of 80 columns: who holds how much alone and with others, what nobody holds, and the sum. */
export function usageLines({ holders, rest, total }: DiskUsage): readonly string[] {
  return [
    row('', 'used by', ['alone', 'shared']),
    ...holders.map(holderRow),
    ...rest.map(({ what, bytes }) => row('nobody', what, [formatBytes(bytes), ''])),
    row('total', `${total.files} ${total.files === 1 ? 'file' : 'files'}`, [formatBytes(total.bytes), '']),
    '"alone" is what would be free without it; hard links count once',
  ];
}

function holderRow({ kind, name, alone, shared }: HolderUsage): string {
  return row(kind, name, [formatBytes(alone), formatBytes(shared)]);
}

function row(kind: string, name: string, [alone, shared]: readonly [string, string]): string {
  const clean = name.replace(/\p{Cc}/gu, '?');
  const fitting = clean.length > nameWidth ? `…${clean.slice(1 - nameWidth)}` : clean;
  return `${kind.padEnd(kindWidth)} ${fitting.padEnd(nameWidth)} ${alone.padStart(12)} ${shared.padStart(12)}`.trimEnd();
}
