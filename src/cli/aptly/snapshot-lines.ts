import type { Invocation } from '../command.ts';

/** What is printed when a snapshot was made. */
export function snapshotMadeLines(
  { root }: Pick<Invocation, 'root'>,
  name: string,
  made: 'created' | 'filtered' = 'created',
): readonly string[] {
  return [
    '',
    `Snapshot ${name} successfully ${made}.`,
    `You can run '${root.name} publish snapshot ${name}' to publish snapshot as Debian repository.`,
  ];
}

/** Prints lines at once, for what is told before the work that may fail. */
export function printLines({ print }: Pick<Invocation, 'print'>, lines: readonly string[]): void {
  if (lines.length > 0) print(`${lines.join('\n')}\n`);
}
