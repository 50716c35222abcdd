import { ByteCursor } from './byte-cursor.ts';
import { damaged } from './damage.ts';
import { type Position, splitInternalKey } from './entry.ts';
import { readLog } from './log.ts';

/** A table file of the database and the range of its keys. */
export type TableFacts = {
  readonly number: number;
  readonly bytes: number;
  readonly smallest: Position;
  readonly largest: Position;
};

/** What the database consists of: its tables, and the logs to replay, which are those from a number on. */
export type Manifest = {
  readonly tables: readonly TableFacts[];
  readonly logNumber: number;
  /** Of older writers: a log before `logNumber` to be replayed too; 0 for none. */
  readonly previousLogNumber: number;
  /** Of the last change that is in a table. */
  readonly lastSequence: number;
};

/**
 * Applies the edits of a MANIFEST file one after the other. One that ends within an edit is refused, though LevelDB
 * would go on without it: whether tables are lost that way cannot be told, and aptly writes a new one when it starts.
 * @throws E_CATALOG
 */
export function readManifest(file: Buffer, what: string): Manifest {
  const state: Draft = { tables: new Map(), logNumber: undefined, previousLogNumber: 0, lastSequence: 0 };
  const records = readLog(file, what);
  for (;;) {
    const { done, value } = records.next();
    if (!done) applyEdit(state, new ByteCursor(value, what), what);
    else if (value.ignoredBytes === 0) break;
    else throw damaged(what, 'ends within a record; run any aptly command once and try again');
  }
  if (state.logNumber === undefined) throw damaged(what, 'names no log');
  return {
    tables: Array.from(state.tables.values()),
    logNumber: state.logNumber,
    previousLogNumber: state.previousLogNumber,
    lastSequence: state.lastSequence,
  };
}

type Draft = {
  readonly tables: Map<number, TableFacts>;
  logNumber: number | undefined;
  previousLogNumber: number;
  lastSequence: number;
};

/** The order of LevelDB's keys; aptly uses no other. */
const comparator = 'leveldb.BytewiseComparator';

/** Levels are not kept: sequence numbers alone say which version of a key counts. */
function applyEdit(state: Draft, cursor: ByteCursor, what: string): void {
  while (!cursor.done) {
    const tag = cursor.varint();
    switch (tag) {
      case 1: {
        const name = cursor.string().toString('latin1');
        if (name !== comparator) throw damaged(what, `orders its keys by "${name}"`);
        break;
      }
      case 2:
        state.logNumber = cursor.varint();
        break;
      case 3:
        cursor.varint();
        break;
      case 4:
        state.lastSequence = cursor.varint();
        break;
      case 5:
        cursor.varint();
        cursor.string();
        break;
      case 6:
        cursor.varint();
        state.tables.delete(cursor.varint());
        break;
      case 7: {
        cursor.varint();
        const table = readTableFacts(cursor, what);
        state.tables.set(table.number, table);
        break;
      }
      case 9:
        state.previousLogNumber = cursor.varint();
        break;
      default:
        throw damaged(what, `has an edit of the unknown kind ${tag}`);
    }
  }
}

function readTableFacts(cursor: ByteCursor, what: string): TableFacts {
  const number = cursor.varint();
  const bytes = cursor.varint();
  const smallest = splitInternalKey(cursor.string(), what);
  const largest = splitInternalKey(cursor.string(), what);
  return { number, bytes, smallest, largest };
}
