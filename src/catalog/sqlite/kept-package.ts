import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { EspejoError } from '../../core/errors.ts';
import type { PackageFileRecord, PackageRecord } from '../contract.ts';

/** What packages are kept with besides their heads: read one by one when it is asked for. */
export class PackageBodies {
  readonly #find: StatementSync;
  readonly #version: StatementSync;
  #removals = 0;

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('SELECT stanza, files FROM package_bodies WHERE id = ?');
    this.#find.setReturnArrays(true);
    this.#version = database.prepare('PRAGMA data_version');
  }

  get({ id, key }: KeptPackage): PackageBody {
    const row = this.#find.get(id) as unknown as readonly [Uint8Array, string] | undefined;
    if (row === undefined) {
      throw new EspejoError('E_CATALOG', `the package ${key} is gone from the catalog`, {
        hint: 'another process has cleaned it up meanwhile; run the same command again',
      });
    }
    const [{ buffer, byteOffset, byteLength }, files] = row;
    return { stanza: Buffer.from(buffer, byteOffset, byteLength), files };
  }

  /** Changes when packages may have been removed since: by this connection or by any commit of another one. */
  get epoch(): string {
    return `${this.#version.get()?.['data_version']} ${this.#removals}`;
  }

  noteRemoval(): void {
    this.#removals += 1;
  }
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
  #body: PackageBody | undefined;

  constructor([key, digest, id, kind, provides]: PackageHead, bodies: PackageBodies, epoch: string) {
    // `P<architecture> <name> <version> <files hash>`
    const nameAt = key.indexOf(' ') + 1;
    const versionAt = key.indexOf(' ', nameAt) + 1;
    this.key = key;
    this.kind = kind;
    this.architecture = key.slice(1, nameAt - 1);
    this.name = key.slice(nameAt, versionAt - 1);
    this.version = key.slice(versionAt, key.indexOf(' ', versionAt));
    this.provides = provides;
    this.id = id;
    this.digest = digest;
    this.epoch = epoch;
    this.#bodies = bodies;
  }

  get stanza(): Buffer {
    return this.#read().stanza;
  }

  get files(): readonly PackageFileRecord[] {
    return JSON.parse(this.#read().files) as readonly PackageFileRecord[];
  }

  #read(): PackageBody {
    this.#body ??= this.#bodies.get(this);
    return this.#body;
  }
}
