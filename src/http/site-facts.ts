/** What the page for people tells; read afresh at each request. */
export type SiteFacts = {
  readonly title: string;
  /** Where clients reach the root of the tree; undefined: derived from the Host header. */
  readonly publicUrl: string | undefined;
  readonly publications: readonly SitePublication[];
  /** Names of publications in other directories, which this server does not serve. */
  readonly elsewhere?: readonly string[];
  /** Espejo's own, whether or not it signed something. */
  readonly key: SiteKey | undefined;
};

export type SitePublication = {
  /** Path below the root of the tree; `.` is the root itself. */
  readonly prefix: string;
  readonly distribution: string;
  readonly components: readonly string[];
  /** `source` among them: Sources indexes are published too. */
  readonly architectures: readonly string[];
  readonly label: string | undefined;
  readonly updatedAt: Date;
  readonly packages: number;
  readonly signature: SiteSignature;
};

/** Who signed what clients see. */
export type SiteSignature =
  | { readonly kind: 'unsigned' }
  /** At least one, that of the widest reach first; each verifies the publication. */
  | { readonly kind: 'signed'; readonly keys: readonly SiteKey[] }
  /** By keys that are not known here, or that do not verify it. */
  | { readonly kind: 'unknown'; readonly keyIds: readonly string[]; readonly reason: string };

/** The public half of a signing key. */
export type SiteKey = {
  /** Upper-case hexadecimal. */
  readonly fingerprint: string;
  /** Why some clients refuse what it signs. */
  readonly doubt?: string | undefined;
  readonly armored: string;
  readonly binary: Buffer;
};
