import type { SiteFacts, SiteKey, SitePublication } from './site-facts.ts';

/** Where a key is served and where a client puts it. */
export type KeyPlace = {
  readonly key: SiteKey;
  readonly binaryUrl: string;
  readonly armoredUrl: string;
  /** For `signed-by`. */
  readonly keyringPath: string;
  /** Where it lies to be trusted for lines without `signed-by`; apt of xenial reads only binary `*.gpg` there. */
  readonly trustedPath: string;
};

/** A key to install, and what it is for. */
export type KeyUse = KeyPlace & { readonly publications: readonly SitePublication[] };

/**
 * The keys that clients need, each with the publications that it verifies: one for each publication, since any of several
 * signers is enough.
 * @param base URL of the root of the published tree
 */
export function keysInUse(facts: Pick<SiteFacts, 'key' | 'publications'>, base: string): readonly KeyUse[] {
  const uses = new Map<string, KeyUse>();
  for (const publication of facts.publications) {
    const key = keyOf(publication);
    if (key === undefined) continue;
    const { publications = [] } = uses.get(key.fingerprint) ?? {};
    const place = placeOfKey(key, facts.key, base);
    uses.set(key.fingerprint, { ...place, publications: [...publications, publication] });
  }
  return [...uses.values()];
}

/** The key that a client of a publication needs; undefined when it is not signed, or by nobody known. */
function keyOf({ signature }: Pick<SitePublication, 'signature'>): SiteKey | undefined {
  return signature.kind === 'signed' ? signature.keys[0] : undefined;
}

/** Where a key is to be had: espejo's own by its short name, others by their fingerprint. */
export function placeOfKey(key: SiteKey, own: SiteKey | undefined, base: string): KeyPlace {
  const isOwn = key.fingerprint === own?.fingerprint;
  const url = `${base.replace(/\/+$/, '')}/${isOwn ? 'espejo' : `keys/${key.fingerprint}`}`;
  const name = isOwn ? 'espejo' : clientName(key.fingerprint);
  return {
    key,
    binaryUrl: `${url}.gpg`,
    armoredUrl: `${url}.asc`,
    keyringPath: `/etc/apt/keyrings/${name}.gpg`,
    trustedPath: `/etc/apt/trusted.gpg.d/${name}.gpg`,
  };
}

/** Where a client puts the key of a publication for `signed-by`; undefined when nothing is signed. */
export function keyringPathOf(publication: SitePublication, own: SiteKey | undefined): string | undefined {
  const { signature } = publication;
  switch (signature.kind) {
    case 'unsigned':
      return undefined;
    case 'signed': {
      const key = keyOf(publication);
      return key === undefined ? undefined : placeOfKey(key, own, '').keyringPath;
    }
    case 'unknown':
      return `/etc/apt/keyrings/${clientName(signature.keyIds[0] ?? 'unknown')}.gpg`;
  }
}

/** The key of a file name such as `<fingerprint>.gpg`, among all that signed something and espejo's own. */
export function keyNamed(facts: SiteFacts, fingerprint: string): SiteKey | undefined {
  const signers = facts.publications.flatMap(({ signature }) =>
    signature.kind === 'signed' ? signature.keys : [],
  );
  const all = facts.key === undefined ? signers : [...signers, facts.key];
  return all.find((key) => key.fingerprint.toUpperCase() === fingerprint.toUpperCase());
}

function clientName(fingerprint: string): string {
  return `espejo-${fingerprint.slice(-16).replace(/[^0-9A-Za-z]/g, '')}`;
}
