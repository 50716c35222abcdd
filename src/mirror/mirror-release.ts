import type { MirrorObject } from '../catalog/library.ts';
import type { Job } from '../core/progress.ts';
import { loggedIn } from '../fetch/logged-in.ts';
import { loadVerifyingKeyring } from '../keys/verifying-keyring.ts';
import type { Keyring } from '../openpgp/contract.ts';
import type { MirrorPorts } from './ports.ts';
import { chooseParts } from './suite-mirror/choose-parts.ts';
import { fetchMirrorRelease } from './suite-mirror/fetch-release.ts';

/** How the Release file of a mirror is got. */
export type ReleaseAccess = {
  /** Undefined: signatures are not looked at. */
  readonly keyring: Keyring | undefined;
  /** How often each file is tried at least. */
  readonly tries: number;
  /** Is told each URL before it is fetched. */
  readonly onDownload?: (url: string) => void;
};

/** @throws E_KEYRING_INVALID */
export async function mirrorKeyring(
  ports: MirrorPorts,
  {
    ignoreSignatures,
    keyrings,
  }: { readonly ignoreSignatures: boolean; readonly keyrings: readonly string[] },
): Promise<Keyring | undefined> {
  return ignoreSignatures ? undefined : await loadVerifyingKeyring(ports, keyrings);
}

/**
 * The mirror with what its Release file says now: components, architectures and fields.
 * @throws what {@link fetchMirrorRelease} and {@link chooseParts} throw
 */
export async function withRelease(
  { fetcher, config, now }: MirrorPorts,
  mirror: MirrorObject,
  access: ReleaseAccess,
  job: Job,
): Promise<MirrorObject> {
  const source = {
    fetcher: loggedIn(fetcher, mirror),
    maxBytes: config.limits.releaseBytes,
    now: now(),
    ...access,
  };
  const { release, meta } = await fetchMirrorRelease(source, mirror, job);
  return { ...mirror, ...chooseParts(release, mirror), meta };
}
