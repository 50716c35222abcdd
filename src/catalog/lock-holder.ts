/** How often a waiting process says that it waits. */
export const waitNoticeMs = 10_000;

/** Who holds a lock, for people: nothing is decided by it. The process id is that of the holder's own container. */
export type LockHolder = {
  readonly pid: number;
  readonly host: string;
  /** The command. */
  readonly purpose: string;
  /** Milliseconds since 1970. */
  readonly since: number;
};

/** `process 42 on box (sync xenial, since 2026-11-28T21:00:00Z)` */
export function holderText(holder: LockHolder | undefined): string {
  if (holder === undefined) return 'another process';
  const { pid, host, purpose, since } = holder;
  return `process ${pid} on ${host} (${purpose}, since ${timeText(since)})`;
}

/** `sync xenial on box, since 2026-11-28T21:00:00Z`: for texts that name the process already. */
export function whereText({ host, purpose, since }: LockHolder): string {
  return `${purpose} on ${host}, since ${timeText(since)}`;
}

function timeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+/, '');
}
