/** What a holder of files has: what would be free without it, and what others hold too. */
export type Share = { readonly files: number; readonly alone: number; readonly shared: number };

/** Files that nobody holds, by what they are. */
export type Rest = { readonly files: number; readonly bytes: number };

/** A file by whatever name; two names of one file have one identity. */
type Counted = { readonly identity: string; readonly size: number };

type Entry = { readonly size: number; readonly label: string; readonly holders: Set<number> };

/** Adds up who holds which files; hard links count once. Holders are numbers from 0 on. */
export class Tally {
  readonly #entries = new Map<string, Entry>();

  /** @param label what the file is when nobody holds it; the first one counts */
  add({ identity, size }: Counted, label: string, holders: Iterable<number>): void {
    let entry = this.#entries.get(identity);
    if (entry === undefined) {
      entry = { size, label, holders: new Set() };
      this.#entries.set(identity, entry);
    }
    for (const holder of holders) entry.holders.add(holder);
  }

  has({ identity }: Counted): boolean {
    return this.#entries.has(identity);
  }

  shares(count: number): readonly Share[] {
    const shares = Array.from({ length: count }, () => ({ files: 0, alone: 0, shared: 0 }));
    for (const { size, holders } of this.#entries.values()) {
      for (const holder of holders) {
        const share = shares[holder];
        if (share === undefined) continue;
        share.files += 1;
        share[holders.size === 1 ? 'alone' : 'shared'] += size;
      }
    }
    return shares;
  }

  rests(): ReadonlyMap<string, Rest> {
    const rests = new Map<string, { files: number; bytes: number }>();
    for (const { size, label, holders } of this.#entries.values()) {
      if (holders.size > 0) continue;
      const rest = rests.get(label) ?? { files: 0, bytes: 0 };
      rests.set(label, { files: rest.files + 1, bytes: rest.bytes + size });
    }
    return rests;
  }

  total(): Rest {
    let bytes = 0;
    for (const { size } of this.#entries.values()) bytes += size;
    return { files: this.#entries.size, bytes };
  }
}
