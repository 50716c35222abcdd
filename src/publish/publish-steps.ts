/** What publishing tells while it works, for those who print it as aptly does. */
export type PublishStep =
  | { readonly kind: 'empty' | 'forced' | 'loading' | 'generating' | 'finalizing' }
  /** An absolute path. */
  | { readonly kind: 'removing'; readonly path: string }
  /** The path of a publication. */
  | { readonly kind: 'cleaning'; readonly publication: string }
  | { readonly kind: 'cleaning-component'; readonly component: string };
