import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { EspejoError } from '../../core/errors.ts';
import { Stanza } from '../../deb/control.ts';
import type { PackageFileRecord, PackageRecord } from '../contract.ts';

/** Bodies that are read at once by whoever goes through them in the order of their ids. */
const readAhead = 32;
/** Ids that such a walk may pass over: packages of other lists. */
const nearby = 8;

/**
 * What packages are kept with besides their heads: read when it is asked for. Only what was read last is held, so that
 * tens of thousands of packages can be gone through without being in memory together.
 */
export class PackageBodies {
  readonly #find: StatementSync;
  readonly #walk: StatementSync;
  readonly #version: StatementSync;
  #removals = 0;
  #latest = -nearby;
  readonly #read = new Map<number, PackageBody>();

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('SELECT stanza, files FROM package_bodies WHERE id = ?');
    this.#walk = database.prepare('SELECT id, stanza, files FROM package_bodies WHERE id >= ? LIMIT ?');
    for (const statement of [this.#find, this.#walk]) statement.setReturnArrays(true);
    this.#version = database.prepare('PRAGMA data_version');
  }

  get({ id, key }: KeptPackage): PackageBody {
    const known = this.#read.get(id);
    if (known === undefined) this.#readFrom(id);
    this.#latest = id;
    const body = known ?? this.#read.get(id);
    if (body !== undefined) return body;
    throw new EspejoError('E_CATALOG', `the package ${key} is gone from the catalog`, {
      hint: 'another process has cleaned it up meanwhile; run the same command again',
    });
  }

  #readFrom(id: number): void {
    this.#read.clear();
    const isWalk = id > this.#latest && id <= this.#latest + nearby;
    if (isWalk) {
      for (const row of this.#walk.iterate(id, readAhead)) {
        const [one, stanza, files] = row as unknown as readonly [number, Uint8Array, string];
        this.#read.set(one, bodyOf(stanza, files));
      }
      return;
    }
    const row = this.#find.get(id) as unknown as readonly [Uint8Array, string] | undefined;
    if (row !== undefined) this.#read.set(id, bodyOf(...row));
  }

  /** Changes when packages may have been removed since: by this connection or by any commit of another one. */
  get epoch(): string {
    return `${this.#version.get()?.['data_version']} ${this.#removals}`;
  }

  noteRemoval(): void {
    this.#removals += 1;
    this.#read.clear();
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

  constructor([key, digest, id, kind, provides]: PackageHead, bodies: PackageBodies, epoch: string) {
    this.key = key;
    this.kind = kind;
    this.provides = provides;
    this.id = id;
    this.digest = digest;
    this.epoch = epoch;
    this.#bodies = bodies;
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
    return this.#bodies.get(this).stanza;
  }

  get files(): readonly PackageFileRecord[] {
    return JSON.parse(this.#bodies.get(this).files) as readonly PackageFileRecord[];
  }
}
