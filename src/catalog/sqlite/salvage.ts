import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { systemCode } from '../../core/errors.ts';

/** A table of which not all could be read. */
export type TableLoss = { readonly table: string; readonly saved: number };

type Row = readonly SQLInputValue[];

/** A part of a table between two of its rows, which are left out; undefined is an end of the table. */
type Range = { readonly after: Row | undefined; readonly before: Row | undefined };

/** How often a part is halved in a row without a row being found: what lies between two damaged places is found again. */
const maxFruitless = 5;
/** In all, for tables whose damaged pages tell of rows that are not in order. */
const maxDepth = 30;
const maxReads = 5000;

/**
 * Copies all rows that can be read from a damaged catalog to an empty one of the same schema. Each table is read from both
 * ends towards the damage, and what lies beyond it is looked for by halving the keys in between.
 * @returns the tables with a part that could not be read
 */
export function salvageRows(from: DatabaseSync, to: DatabaseSync): readonly TableLoss[] {
  // Rows of one table may have lost those of another that they refer to.
  to.exec('PRAGMA foreign_keys = OFF');
  const tables = to
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    .all();
  to.exec('BEGIN');
  const losses = tables.flatMap(({ name }) => new TableReader(from, to, String(name)).copy());
  to.exec('COMMIT');
  return losses;
}

class TableReader {
  readonly #from: DatabaseSync;
  readonly #table: string;
  /** The columns of the primary key, with their places in the table. */
  readonly #key: readonly { readonly name: string; readonly at: number }[];
  readonly #insert: StatementSync;
  #saved = 0;
  #lost = false;
  #reads = 0;

  constructor(from: DatabaseSync, to: DatabaseSync, table: string) {
    this.#from = from;
    this.#table = table;
    const columns = to.prepare(`PRAGMA table_info(${table})`).all();
    this.#key = columns
      .map(({ name, pk }, at) => ({ name: String(name), at, pk: Number(pk) }))
      .filter(({ pk }) => pk > 0)
      .sort((a, b) => a.pk - b.pk);
    this.#insert = to.prepare(`INSERT OR IGNORE INTO ${table} VALUES (${columns.map(() => '?').join(', ')})`);
  }

  copy(): readonly TableLoss[] {
    this.#copyRange({ after: undefined, before: undefined }, { depth: 0, fruitless: 0 });
    return this.#lost ? [{ table: this.#table, saved: this.#saved }] : [];
  }

  #copyRange(
    range: Range,
    { depth, fruitless }: { readonly depth: number; readonly fruitless: number },
  ): void {
    const up = this.#read(range, 'ASC');
    if (up.whole) return;
    this.#lost = true;
    const after = up.last ?? range.after;
    const down = this.#read({ after, before: range.before }, 'DESC');
    const before = down.last ?? range.before;
    const isFruitless = up.last === undefined && down.last === undefined;
    const tries = { depth: depth + 1, fruitless: isFruitless ? fruitless + 1 : 0 };
    if (tries.fruitless > maxFruitless || depth === maxDepth || this.#reads > maxReads) return;
    const middle = middleOf(after?.[0], before?.[0]);
    if (middle === undefined) return;
    const at = [middle, ...this.#key.slice(1).map(() => '')];
    this.#copyRange({ after, before: at }, tries);
    this.#copyRange({ after: at, before }, tries);
  }

  /** Copies until the first row that cannot be read. */
  #read(
    { after, before }: Range,
    order: 'ASC' | 'DESC',
  ): { readonly whole: boolean; readonly last: Row | undefined } {
    const names = this.#key.map(({ name }) => name);
    const marks = names.map(() => '?').join(', ');
    const conditions = [
      ...(after === undefined ? [] : [`(${names.join(', ')}) > (${marks})`]),
      ...(before === undefined ? [] : [`(${names.join(', ')}) < (${marks})`]),
    ];
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const by = names.map((name) => `${name} ${order}`).join(', ');
    let last: Row | undefined;
    this.#reads += 1;
    try {
      const statement = this.#from.prepare(`SELECT * FROM ${this.#table} ${where} ORDER BY ${by}`);
      statement.setReturnArrays(true);
      for (const values of statement.iterate(...(after ?? []), ...(before ?? []))) {
        const row = values as unknown as Row;
        last = this.#key.map(({ at }) => row[at] ?? null);
        this.#keep(row);
      }
      return { whole: true, last };
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      return { whole: false, last };
    }
  }

  /** A damaged row may have values that its table does not allow. */
  #keep(row: Row): void {
    try {
      this.#insert.run(...row);
      this.#saved += 1;
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      this.#lost = true;
    }
  }
}

/** Whether SQLite says that the file, or a value of it, is not what it should be. */
function isUnreadable(error: unknown): boolean {
  if (systemCode(error) !== 'ERR_SQLITE_ERROR') return systemCode(error) === 'ERR_OUT_OF_RANGE';
  const primary = error instanceof Error && 'errcode' in error ? Number(error.errcode) % 256 : 0;
  // SQLITE_ERROR (no such table), SQLITE_CORRUPT, SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_NOTADB
  return [1, 11, 19, 20, 26].includes(primary);
}

const wholeText = { low: '', high: '\u{10ffff}' };
const wholeNumbers = { low: 0, high: 2 ** 24 };

/** A key about half way between two; undefined when there is none. */
function middleOf(
  low: SQLInputValue | undefined,
  high: SQLInputValue | undefined,
): SQLInputValue | undefined {
  if (typeof low === 'number' || typeof high === 'number') {
    const from = typeof low === 'number' ? low : wholeNumbers.low;
    const to = typeof high === 'number' ? high : wholeNumbers.high;
    // Between two whole numbers, so that the row of neither is left out.
    return to - from > 1 ? Math.floor((from + to) / 2) + 0.5 : undefined;
  }
  const from = typeof low === 'string' ? low : wholeText.low;
  const to = typeof high === 'string' ? high : wholeText.high;
  const middle = middleText(from, to);
  return middle > from && middle < to ? middle : undefined;
}

/** As numbers of six bytes behind the beginning that both share; the keys of the catalog are ASCII. */
function middleText(low: string, high: string): string {
  let shared = 0;
  while (shared < low.length && low[shared] === high[shared]) shared += 1;
  const number = (text: string): number =>
    Array.from({ length: 6 }, (_, at) => Math.min(text.charCodeAt(shared + at) || 0, 127)).reduce(
      (sum, code) => sum * 128 + code,
      0,
    );
  let rest = Math.floor((number(low) + number(high)) / 2);
  const codes: number[] = [];
  for (let at = 0; at < 6; at += 1) {
    codes.unshift(rest % 128);
    rest = Math.floor(rest / 128);
  }
  return low.slice(0, shared) + String.fromCharCode(...codes);
}
