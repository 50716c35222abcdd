import type { FileFacts } from '../core/digest.ts';
import { Stanza } from './control.ts';
import { addDigest, type DigestDraft, parseSize } from './file-facts.ts';
import { filesHash } from './files-hash.ts';
import {
  indexError,
  isArchitecture,
  readColumns,
  reading,
  readSource,
  type SourceReference,
} from './index-fields.ts';
import { parseRelationsLoosely } from './loose-relations.ts';
import { archiveDirectory, archiveFilePath, archivePath, baseName } from './paths.ts';
import type { Plainness } from './plainness.ts';
import { type Provided, parseProvides, parseRelations, type RelationGroup } from './relations.ts';
import { parseSourceFiles } from './source-files.ts';

/** One file of a package. */
export type PackageFile = {
  /** Relative to the archive root, as upstream names it. */
  readonly path: string;
  /** Its last part. */
  readonly name: string;
  readonly facts: FileFacts;
};

/** The relation fields that apt follows when it installs. */
export type RelationField = 'Depends' | 'Pre-Depends' | 'Recommends' | 'Suggests';

type ParagraphOptions = {
  /** Names the index in errors: its URL or path. */
  readonly what: string;
  /** Whether any version will do that is one word: apt takes more than dpkg. Default false. */
  readonly anyVersion?: boolean;
};

type BinaryOptions = ParagraphOptions & { readonly kind?: 'deb' | 'udeb' };

type FromIndex<Package> = { readonly package: Package; readonly plainness: Plainness };

/** A package that was read and kept before. */
type KeptPackage = {
  readonly name: string;
  readonly version: string;
  /** Its paragraph; not touched before something else than the other fields is asked for. */
  readonly stanza: Uint8Array;
};

type KeptBinary = KeptPackage & {
  readonly architecture: string;
  /** The field as it is written, when it is known. */
  readonly provides?: string | undefined;
};

/**
 * A binary package as one paragraph of a Packages index tells of it. Name, version and architecture are read and
 * checked at once, in one pass over the bytes; everything else when it is asked for, and nothing is kept of it.
 * All faults are E_INDEX_SYNTAX (E_UNSAFE_PATH for paths) and name index, package and field.
 */
export class BinaryPackage {
  readonly kind: 'deb' | 'udeb';
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly #what: string;
  #source: Stanza | KeptPackage;
  readonly #provides: string | undefined;

  private constructor(
    kind: 'deb' | 'udeb',
    { name, version, architecture, provides }: Omit<KeptBinary, 'stanza'>,
    source: Stanza | KeptPackage,
    what: string,
  ) {
    this.kind = kind;
    this.name = name;
    this.version = version;
    this.architecture = architecture;
    this.#what = what;
    this.#source = source;
    this.#provides = provides;
  }

  /**
   * @param raw the paragraph; it is kept, not copied
   * @throws E_INDEX_SYNTAX
   */
  static fromParagraph(raw: Uint8Array, options: BinaryOptions): BinaryPackage {
    return BinaryPackage.fromIndex(raw, options).package;
  }

  /** As {@link BinaryPackage.fromParagraph}, and what was seen of the fields in passing. @throws E_INDEX_SYNTAX */
  static fromIndex(raw: Uint8Array, options: BinaryOptions): FromIndex<BinaryPackage> {
    const { what, kind = 'deb' } = options;
    const stanza = new Stanza(raw, what);
    const { plainness, ...columns } = readColumns(stanza, options);
    if (!isArchitecture(columns.architecture)) {
      const place = { what, label: columns.name, field: 'Architecture' };
      throw indexError(place, `"${columns.architecture}" is not an architecture`);
    }
    const provides = columns.hasProvides ? undefined : '';
    return { package: new BinaryPackage(kind, { ...columns, provides }, stanza, what), plainness };
  }

  /** Any text will do for name, version and architecture. */
  static kept(kept: KeptBinary, kind: 'deb' | 'udeb', { what }: ParagraphOptions): BinaryPackage {
    return new BinaryPackage(kind, kept, kept, what);
  }

  get stanza(): Stanza {
    if (!(this.#source instanceof Stanza)) this.#source = Stanza.kept(this.#source.stanza, this.#what);
    return this.#source;
  }

  /** aptly's package key: `P<arch> <name> <version> <files hash>`. */
  get key(): string {
    return `P${this.architecture} ${this.name} ${this.version} ${filesHash([this.file])}`;
  }

  /** `<name>_<version>_<arch>` */
  get label(): string {
    return `${this.name}_${this.version}_${this.architecture}`;
  }

  /** The source package it was built from: its own name and version unless `Source` names one, see {@link readSource}. */
  get source(): SourceReference {
    return readSource(this.#field('Source'), { name: this.name, version: this.version });
  }

  /** The .deb or .udeb. */
  get file(): PackageFile {
    const [filename = '', size = '', md5, sha1, sha256, sha512] = this.#reading('fields', () =>
      this.stanza.pick(fileFields),
    );
    const path = archiveFilePath(filename, `${this.#what}: ${this.label}: Filename`);
    const digests: DigestDraft = {};
    const facts = this.#reading('Size', () => ({ size: parseSize(size), digests }));
    this.#reading('digests', () => {
      addDigest(digests, 'md5', md5);
      addDigest(digests, 'sha1', sha1);
      addDigest(digests, 'sha256', sha256);
      addDigest(digests, 'sha512', sha512);
    });
    return { path, name: baseName(path), facts };
  }

  get provides(): readonly Provided[] {
    if (this.#provides === '') return [];
    return this.#reading('Provides', () =>
      parseProvides(this.#provides ?? this.stanza.get('provides') ?? ''),
    );
  }

  relations(field: RelationField): readonly RelationGroup[] {
    return this.#reading(field, () => parseRelations(this.stanza.get(field) ?? '', field));
  }

  /** As aptly reads them, see {@link parseRelationsLoosely}. */
  looseRelations(field: RelationField): readonly RelationGroup[] {
    return this.#reading(field, () => parseRelationsLoosely(this.stanza.get(field) ?? ''));
  }

  /** `no` also for a value that apt does not know, as apt treats it. */
  get multiArch(): 'no' | 'same' | 'foreign' | 'allowed' {
    const value = this.#field('Multi-Arch');
    return value === 'same' || value === 'foreign' || value === 'allowed' ? value : 'no';
  }

  /** Empty when the index does not say. */
  get priority(): string {
    return this.#field('Priority');
  }

  get essential(): boolean {
    return this.#field('Essential') === 'yes';
  }

  /** Empty when the index does not say. */
  get section(): string {
    return this.#field('Section');
  }

  #field(name: string): string {
    return this.#reading(name, () => this.stanza.get(name) ?? '');
  }

  #reading<Value>(field: string, read: () => Value): Value {
    return reading({ what: this.#what, label: this.label, field }, read);
  }
}

/** A source package as one paragraph of a Sources index tells of it; errors as {@link BinaryPackage}. */
export class SourcePackage {
  readonly kind = 'source';
  readonly name: string;
  readonly version: string;
  /** Always `source`, as in aptly's keys; the architectures it builds for are in its stanza. */
  readonly architecture = 'source';
  readonly #what: string;
  #source: Stanza | KeptPackage;

  private constructor(
    { name, version }: Omit<KeptPackage, 'stanza'>,
    source: Stanza | KeptPackage,
    what: string,
  ) {
    this.name = name;
    this.version = version;
    this.#what = what;
    this.#source = source;
  }

  /**
   * @param raw the paragraph; it is kept, not copied
   * @throws E_INDEX_SYNTAX
   */
  static fromParagraph(raw: Uint8Array, options: ParagraphOptions): SourcePackage {
    return SourcePackage.fromIndex(raw, options).package;
  }

  /** As {@link SourcePackage.fromParagraph}, and what was seen of the fields in passing. @throws E_INDEX_SYNTAX */
  static fromIndex(raw: Uint8Array, options: ParagraphOptions): FromIndex<SourcePackage> {
    const { what } = options;
    const stanza = new Stanza(raw, what);
    const { plainness, ...columns } = readColumns(stanza, options);
    return { package: new SourcePackage(columns, stanza, what), plainness };
  }

  static kept(kept: KeptPackage, { what }: ParagraphOptions): SourcePackage {
    return new SourcePackage(kept, kept, what);
  }

  get stanza(): Stanza {
    if (!(this.#source instanceof Stanza)) this.#source = Stanza.kept(this.#source.stanza, this.#what);
    return this.#source;
  }

  /** aptly's package key: `Psource <name> <version> <files hash>`. */
  get key(): string {
    return `Psource ${this.name} ${this.version} ${filesHash(this.files)}`;
  }

  /** `<name>_<version>_source` */
  get label(): string {
    return `${this.name}_${this.version}_source`;
  }

  /** Where its files are, relative to the archive root; empty for the root. */
  get directory(): string {
    const text = this.#reading('Directory', () => this.stanza.get('directory') ?? '');
    return archiveDirectory(text, `${this.#what}: ${this.label}: Directory`);
  }

  /** The .dsc and what it names, in the order of the index. */
  get files(): readonly PackageFile[] {
    const { directory } = this;
    const prefix = directory === '' ? '' : `${directory}/`;
    return this.#reading('Files', () => parseSourceFiles(this.stanza)).map(({ name, facts }) => ({
      path: archivePath(prefix + name, `${this.#what}: ${this.label}: Files`),
      name,
      facts,
    }));
  }

  #reading<Value>(field: string, read: () => Value): Value {
    return reading({ what: this.#what, label: this.label, field }, read);
  }
}

const fileFields = ['filename', 'size', 'md5sum', 'sha1', 'sha256', 'sha512'];
