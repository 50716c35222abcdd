import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { EspejoError } from '../../core/errors.ts';
import { Stanza } from '../../deb/control.ts';
import type { PackageFileRecord, PackageRecord } from '../contract.ts';

/** Bodies that are read at once by whoever goes through a list. */
const readAhead = 64;
/** Members that such a walk may pass over: packages that it does not ask for. */
const nearby = 8;
/** Walks under way that are told apart: an index in the order of names goes through a list once for each architecture. */
const maxWalks = 8;

/** Ids of the packages that were handed out together, in the order of their keys. */
export type HandedOut = readonly number[];

/** Bodies of neighbours in a list, which were read by one statement; undefined for one that is gone. */
type Stretch = {
  readonly list: HandedOut;
  readonly start: number;
  readonly bodies: readonly (PackageBody | undefined)[];
};

/**
 * What packages are kept with besides their heads: read when it is asked for, and with it what follows in the list once
 * somebody goes through that. Only what was read last is held, so that tens of thousands of packages can be gone through
 * without being in memory together; it is held for one list, since an id may come again when its package was removed.
 */
export class PackageBodies {
  readonly #find: StatementSync;
  readonly #findSome: StatementSync;
  readonly #version: StatementSync;
  #removals = 0;
  /** The one that was read last comes last. */
  #stretches: Stretch[] = [];

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('SELECT id, stanza, files FROM package_bodies WHERE id = ?');
    this.#findSome = database.prepare(
      'SELECT package_bodies.id, stanza, files FROM json_each(?) AS wanted JOIN package_bodies ON package_bodies.id = wanted.value',
    );
    for (const statement of [this.#find, this.#findSome]) statement.setReturnArrays(true);
    this.#version = database.prepare('PRAGMA data_version');
  }

  /** @param list what the package was handed out with @param at its place in there @param key for the error */
  get(list: HandedOut, at: number, key: string): PackageBody {
    const stretch = this.#stretchWith(list, at);
    const body = stretch.bodies[at - stretch.start];
    if (body !== undefined) return body;
    throw new EspejoError('E_CATALOG', `the package ${key} is gone from the catalog`, {
      hint: 'another process has cleaned it up meanwhile; run the same command again',
    });
  }

  #stretchWith(list: HandedOut, at: number): Stretch {
    const known = this.#stretches.findLast(
      ({ list: own, start, bodies }) => own === list && at >= start && at < start + bodies.length,
    );
    if (known !== undefined) return known;
    const before = this.#stretches.findLastIndex(
      ({ list: own, start, bodies }) =>
        own === list && at >= start + bodies.length && at < start + bodies.length + nearby,
    );
    const [walked] = before === -1 ? [] : this.#stretches.splice(before, 1);
    const wanted = walked === undefined ? 1 : Math.min(readAhead, walked.bodies.length * nearby);
    const stretch = { list, start: at, bodies: this.#read(list.slice(at, at + wanted)) };
    this.#stretches = [...this.#stretches, stretch].slice(-maxWalks);
    return stretch;
  }

  #read(ids: readonly number[]): readonly (PackageBody | undefined)[] {
    const [only] = ids;
    const rows =
      ids.length === 1 ? this.#find.iterate(only ?? 0) : this.#findSome.iterate(JSON.stringify(ids));
    const bodies = new Map<number, PackageBody>();
    for (const row of rows) {
      const [id, stanza, files] = row as unknown as readonly [number, Uint8Array, string];
      bodies.set(id, bodyOf(stanza, files));
    }
    return ids.map((id) => bodies.get(id));
  }

  /** Changes when packages may have been removed since: by this connection or by any commit of another one. */
  get epoch(): string {
    return `${this.#version.get()?.['data_version']} ${this.#removals}`;
  }

  noteRemoval(): void {
    this.#removals += 1;
    this.#stretches = [];
  }
}

function bodyOf({ buffer, byteOffset, byteLength }: Uint8Array, files: string): PackageBody {
  return { stanza: Buffer.from(buffer, byteOffset, byteLength), files };
}

type PackageBody = { readonly stanza: Buffer; readonly files: string };

/** A row of the table `packages`: key, SHA-256 of the stanza, id, kind and the field Provides. */
export type PackageHead = readonly [
  key: string,
  digest: string,
  id: number,
  kind: PackageRecord['kind'],
  provides: string,
];

/** A package of an open catalog. */
export class KeptPackage implements PackageRecord {
  readonly key: string;
  readonly kind: PackageRecord['kind'];
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly provides: string;
  readonly id: number;
  /** SHA-256 of the stanza. */
  readonly digest: string;
  /** When it was read: {@link PackageBodies.epoch}. */
  readonly epoch: string;
  readonly #bodies: PackageBodies;
  readonly #list: HandedOut;
  readonly #at: number;

  /** @param place what it is handed out with, and its place in there */
  constructor(
    [key, digest, id, kind, provides]: PackageHead,
    bodies: PackageBodies,
    { list, at, epoch }: { readonly list: HandedOut; readonly at: number; readonly epoch: string },
  ) {
    this.key = key;
    this.kind = kind;
    this.provides = provides;
    this.id = id;
    this.digest = digest;
    this.epoch = epoch;
    this.#bodies = bodies;
    this.#list = list;
    this.#at = at;
    // `P<architecture> <name> <version> <files hash>`
    const nameAt = key.indexOf(' ') + 1;
    const versionAt = key.indexOf(' ', nameAt) + 1;
    const versionEnd = key.indexOf(' ', versionAt);
    const hasBlanks = versionEnd !== key.lastIndexOf(' ');
    this.name = key.slice(nameAt, versionAt - 1);
    this.version = key.slice(versionAt, versionEnd);
    this.architecture = key.slice(1, nameAt - 1);
    if (hasBlanks)
      ({ name: this.name, version: this.version, architecture: this.architecture } = this.#told());
  }

  /** The parts of a key that have blanks themselves, which aptly allows: the paragraph says where they end. */
  #told(): Pick<PackageRecord, 'name' | 'version' | 'architecture'> {
    const { name, version, architecture } = this;
    const [toldName = '', toldVersion = ''] = Stanza.kept(this.stanza, this.key).pick(['package', 'version']);
    const whole = this.key.slice(1, this.key.lastIndexOf(' '));
    const end = ` ${toldName} ${toldVersion}`;
    if (!whole.endsWith(end)) return { name, version, architecture };
    return { name: toldName, version: toldVersion, architecture: whole.slice(0, -end.length) };
  }

  get stanza(): Buffer {
    return this.#bodies.get(this.#list, this.#at, this.key).stanza;
  }

  get files(): readonly PackageFileRecord[] {
    return JSON.parse(this.#bodies.get(this.#list, this.#at, this.key).files) as readonly PackageFileRecord[];
  }
}
