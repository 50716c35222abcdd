import type { ProgressEvent } from '../core/progress.ts';
import { phaseWords } from './phase-words.ts';

/** The rate is that of the last seconds. */
const rateWindowMs = 8_000;

/** What the events so far add up to: the phase, and the files and bytes of its queue, or of what it reads without one. */
export class ProgressState {
  readonly #now: () => number;
  #phase: { readonly subject: string; readonly words: string } | undefined;
  #queue: { readonly files: number; readonly bytes: number } | undefined;
  #filesDone = 0;
  #bytesDone = 0;
  readonly #underWay = new Map<string, number>();
  #samples: { readonly at: number; readonly bytes: number }[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  apply(event: ProgressEvent): void {
    switch (event.type) {
      case 'phase':
        this.#phase = { subject: event.subject, words: phaseWords[event.phase] };
        this.#begin(undefined);
        return;
      case 'queue':
        this.#begin({ files: event.files, bytes: event.bytes });
        return;
      case 'fetch-start':
        this.#underWay.set(event.url, 0);
        return;
      case 'fetch-progress':
        this.#underWay.set(event.url, event.bytes);
        return;
      case 'fetch-end':
        this.#underWay.delete(event.url);
        this.#filesDone += 1;
        this.#bytesDone += event.bytes;
        return;
      case 'retry':
      case 'next-url':
        this.#underWay.delete(event.url);
        return;
      case 'note':
      case 'warning':
        return;
    }
  }

  get isQueue(): boolean {
    return this.#queue !== undefined && this.#queue.files > 0;
  }

  get phase(): { readonly subject: string; readonly words: string } | undefined {
    return this.#phase;
  }

  get files(): { readonly done: number; readonly all: number | undefined } {
    return { done: this.#filesDone, all: this.#queue?.files };
  }

  get bytes(): { readonly done: number; readonly all: number | undefined } {
    const partial = [...this.#underWay.values()].reduce((sum, bytes) => sum + bytes, 0);
    const all = this.#queue?.bytes;
    return { done: Math.min(all ?? Number.POSITIVE_INFINITY, this.#bytesDone + partial), all };
  }

  /** Bytes a second; undefined before there is anything to measure. Each look at it is a sample. */
  get rate(): number | undefined {
    const at = this.#now();
    const { done } = this.bytes;
    this.#samples = [...this.#samples.filter((one) => at - one.at <= rateWindowMs), { at, bytes: done }];
    const [first] = this.#samples;
    if (first === undefined || at - first.at < 500) return undefined;
    return Math.max(0, ((done - first.bytes) / (at - first.at)) * 1000);
  }

  #begin(queue: { readonly files: number; readonly bytes: number } | undefined): void {
    this.#queue = queue;
    this.#filesDone = 0;
    this.#bytesDone = 0;
    this.#underWay.clear();
    this.#samples = [{ at: this.#now(), bytes: 0 }];
  }
}
