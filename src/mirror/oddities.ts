import type { Job } from '../core/progress.ts';
import type { Oddity } from '../deb/index-reader.ts';

/** So many of a kind are told one by one; a broken index may have one in each paragraph. */
const shownOfAKind = 5;

/** Gathers what is odd in one index; what was gathered by an attempt that failed is forgotten. */
export class Oddities {
  readonly #what: string;
  readonly #kinds = new Map<string, { readonly first: Oddity; readonly messages: string[]; count: number }>();

  /** @param what names the index */
  constructor(what: string) {
    this.#what = what;
  }

  clear(): void {
    this.#kinds.clear();
  }

  add(oddity: Oddity): void {
    const { kind, isLeftOut, message } = oddity;
    const key = `${isLeftOut} ${kind}`;
    const known = this.#kinds.get(key);
    if (known === undefined) {
      this.#kinds.set(key, { first: oddity, messages: [message], count: 1 });
      return;
    }
    known.count += 1;
    if (known.messages.length < shownOfAKind) known.messages.push(message);
  }

  /** The first of each kind as warnings, and one that stands for the others. */
  report({ report }: Job): void {
    for (const { first, messages, count } of this.#kinds.values()) {
      const { kind, isLeftOut } = first;
      const leftOut = isLeftOut ? { leftOut: kind } : {};
      for (const message of messages) report({ type: 'warning', message, ...leftOut });
      const more = count - messages.length;
      if (more === 0) continue;
      const message = `${this.#what}: and ${more} more of this kind (${kind}${isLeftOut ? ', left out' : ''})`;
      report({ type: 'warning', message, count: more, ...leftOut });
    }
  }
}
