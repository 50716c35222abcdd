/** What the page for people tells; read afresh at each request. */
export type SiteFacts = {
  readonly title: string;
  /** Where clients reach the root of the tree; undefined: derived from the Host header. */
  readonly publicUrl: string | undefined;
  readonly publications: readonly SitePublication[];
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
};

/** The public half of the signing key. */
export type SiteKey = {
  readonly fingerprint: string;
  readonly armored: string;
  readonly binary: Buffer;
};
