import { Cron } from 'croner';
import type { Clock } from './clock.ts';

/** Something that a daemon does again and again. */
export type TimedTask = {
  readonly name: string;
  /** A cron expression; undefined: only when it is started, and again after a failure. */
  readonly cron: string | undefined;
  /** IANA name; undefined: of the machine. */
  readonly timezone: string | undefined;
  /** Does it once. Throws nothing: true is well done, false asks to be tried again soon. */
  readonly run: () => Promise<boolean>;
};

export type TimetableOptions = {
  readonly clock: Clock;
  /** 0 to 1; spreads the waits after failures. */
  readonly random: () => number;
  /** Is told when a task that failed comes again. */
  readonly onRetry: (name: string, waitMs: number) => void;
};

const minute = 60_000;
/** After so many failures in a row; the last one holds for all that follow. */
const retryWaits: readonly number[] = [1, 2, 5, 15, 30, 60].map((minutes) => minutes * minute);
/** A timer is set for no longer, so that a clock that was set right is noticed. */
const longestTimerMs = 10 * minute;

type Slot = {
  task: TimedTask;
  /** Under way, or waiting for the one that is. */
  busy: boolean;
  failures: number;
  retryAt: number | undefined;
  cancel: () => void;
};

/**
 * Runs tasks by their cron expressions, one at a time; a tick that comes while its own task is busy is skipped. A task that
 * failed is tried again after minutes, when its next time is not sooner.
 */
export class Timetable {
  readonly #options: TimetableOptions;
  readonly #slots = new Map<string, Slot>();
  #line: Promise<void> = Promise.resolve();
  #ended = false;

  constructor(options: TimetableOptions) {
    this.#options = options;
  }

  /** From now on these tasks, by their names; one under way goes on, and failures before are remembered. */
  set(tasks: readonly TimedTask[]): void {
    const names = new Set(tasks.map(({ name }) => name));
    for (const [name, slot] of this.#slots) {
      slot.cancel();
      if (!names.has(name)) this.#slots.delete(name);
    }
    for (const task of tasks) {
      const slot = this.#slots.get(task.name) ?? newSlot(task);
      slot.task = task;
      this.#slots.set(task.name, slot);
      this.#plan(slot);
    }
  }

  /** Runs a task now, or after the one that is under way. */
  start(name: string): void {
    const slot = this.#slots.get(name);
    if (slot !== undefined) this.#enqueue(slot);
  }

  /** Starts nothing more; resolves when what is under way has ended. */
  async end(): Promise<void> {
    this.#ended = true;
    for (const slot of this.#slots.values()) slot.cancel();
    await this.#line;
  }

  #enqueue(slot: Slot): void {
    if (slot.busy || this.#ended) return;
    slot.busy = true;
    slot.cancel();
    this.#line = this.#line.then(() => this.#run(slot));
  }

  async #run(slot: Slot): Promise<void> {
    if (this.#ended) return;
    const well = await slot.task.run();
    slot.busy = false;
    if (this.#ended) return;
    slot.failures = well ? 0 : slot.failures + 1;
    slot.retryAt = well ? undefined : this.#retryTime(slot);
    this.#plan(slot);
  }

  #retryTime({ task, failures }: Slot): number | undefined {
    const { clock, random, onRetry } = this.#options;
    const base = retryWaits[Math.min(failures, retryWaits.length) - 1] ?? minute;
    const retryAt = clock.now() + Math.round(base * (0.8 + 0.4 * random()));
    const regular = nextTime(task, clock.now());
    if (regular !== undefined && regular <= retryAt) return undefined;
    onRetry(task.name, retryAt - clock.now());
    return retryAt;
  }

  #plan(slot: Slot): void {
    if (slot.busy || this.#ended || this.#slots.get(slot.task.name) !== slot) return;
    const { clock } = this.#options;
    const regular = nextTime(slot.task, clock.now());
    const due = Math.min(slot.retryAt ?? Number.POSITIVE_INFINITY, regular ?? Number.POSITIVE_INFINITY);
    if (due === Number.POSITIVE_INFINITY) return;
    const watch = (): void => {
      const wait = due - clock.now();
      if (wait <= 0) this.#enqueue(slot);
      else slot.cancel = clock.after(Math.min(wait, longestTimerMs), watch);
    };
    watch();
  }
}

function newSlot(task: TimedTask): Slot {
  return { task, busy: false, failures: 0, retryAt: undefined, cancel: () => undefined };
}

function nextTime({ cron, timezone }: TimedTask, now: number): number | undefined {
  if (cron === undefined) return undefined;
  const plan = new Cron(cron, { paused: true, ...(timezone === undefined ? {} : { timezone }) });
  return plan.nextRun(new Date(now))?.getTime();
}
