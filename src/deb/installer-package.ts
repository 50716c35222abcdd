import type { FileFacts } from '../core/digest.ts';
import { Stanza } from './control.ts';
import { filesHash } from './files-hash.ts';
import { reading } from './index-fields.ts';
import type { PackageFile } from './package.ts';
import { archivePath } from './paths.ts';
import { fileListOrder, parseSourceFiles } from './source-files.ts';

/** An installer image: its path as `SHA256SUMS` has it, often with `./` before it. */
export type InstallerFile = { readonly name: string; readonly facts: FileFacts };

/**
 * aptly's pseudo-package of the installer images of one component and architecture: the name `installer`, an empty
 * version, and every file that `SHA256SUMS` lists. Upstream has no paragraph of it; ours lists the files as a source
 * package does. Faults are E_INDEX_SYNTAX, E_UNSAFE_PATH for paths.
 */
export class InstallerPackage {
  readonly kind = 'installer';
  readonly name = 'installer';
  readonly version = '';
  readonly architecture: string;
  readonly stanza: Stanza;
  readonly #what: string;

  private constructor(architecture: string, stanza: Stanza, what: string) {
    this.architecture = architecture;
    this.stanza = stanza;
    this.#what = what;
  }

  /** @param raw a paragraph of {@link renderInstallerParagraph} */
  static fromParagraph(raw: Uint8Array, { what }: { readonly what: string }): InstallerPackage {
    const stanza = new Stanza(raw, what);
    const architecture = reading({ what, label: 'installer', field: 'Architecture' }, () =>
      stanza.get('architecture'),
    );
    return new InstallerPackage(architecture ?? '', stanza, what);
  }

  /** aptly's package key: `P<arch> installer  <files hash>`, over the names as they are listed. */
  get key(): string {
    return `P${this.architecture} ${this.name}  ${filesHash(this.listed)}`;
  }

  /** `installer__<arch>` */
  get label(): string {
    return `${this.name}_${this.version}_${this.architecture}`;
  }

  /** The files with their names as `SHA256SUMS` has them, sorted by name. */
  get listed(): readonly InstallerFile[] {
    const place = { what: this.#what, label: this.label, field: 'Files' };
    return reading(place, () => parseSourceFiles(this.stanza, { paths: true }));
  }

  /** Paths and names are relative to the directory of the images, without `./`. */
  get files(): readonly PackageFile[] {
    return this.listed.map(({ name, facts }) => {
      const path = archivePath(name, `${this.#what}: ${this.label}: Files`);
      return { path, name: path, facts };
    });
  }
}

/** The paragraph of the images of an architecture, without the newline at its end; equal files, equal bytes. */
export function renderInstallerParagraph(architecture: string, files: readonly InstallerFile[]): Buffer {
  const sorted = files.toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  const lists = fileListOrder.flatMap(({ field, digest }) => {
    const lines = sorted.flatMap(({ name, facts }) => {
      const hex = facts.digests[digest];
      return hex === undefined ? [] : [`\n ${hex} ${facts.size} ${name}`];
    });
    return lines.length === 0 ? [] : [`${field}:${lines.join('')}`];
  });
  return Buffer.from(['Package: installer', `Architecture: ${architecture}`, ...lists].join('\n'));
}
