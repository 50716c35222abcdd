import type { LedgerEntry, PoolLedger } from '../../src/pool/pool.ts';

/** A ledger that lives as long as its test. */
export function memoryLedger(): PoolLedger & { readonly entries: ReadonlyMap<string, LedgerEntry> } {
  const entries = new Map<string, LedgerEntry>();
  return {
    entries,
    recall: (path) => entries.get(path),
    remember: (path, entry) => {
      entries.set(path, entry);
    },
    rememberAll: (more) => {
      for (const [path, entry] of more) entries.set(path, entry);
    },
    forget: (path) => {
      entries.delete(path);
    },
    forgetAll: (paths) => {
      for (const path of paths) entries.delete(path);
    },
  };
}
