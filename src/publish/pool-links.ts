import { EspejoError } from '../core/errors.ts';
import { baseName } from '../deb/paths.ts';
import type { Endpoint } from '../endpoint/contract.ts';
import type { Pool } from '../pool/pool.ts';
import type { PlacedFile } from './plan.ts';
import type { Claims } from './pool-claims.ts';

/**
 * What happens to a published file with other content: `unless-claimed` replaces it unless a kept generation needs it,
 * `refuse` never, `replace` always.
 */
export type OnDifferent = 'unless-claimed' | 'refuse' | 'replace';

type LinkOptions = {
  readonly pool: Pool;
  readonly onDifferent: OnDifferent;
  /** Asked when a published file differs. */
  readonly claims: Claims;
  /** Hash what looks untouched too. */
  readonly thorough: boolean;
  readonly signal: AbortSignal;
};

/**
 * Gives every pool file its published name; one that the pool does not have whole is not published.
 * @throws E_POOL_MISSING, E_PUBLISH_CONFLICT; what {@link Endpoint.link} throws
 */
export async function linkPoolFiles(
  { endpoint, prefix }: { readonly endpoint: Endpoint; readonly prefix: string },
  files: readonly PlacedFile[],
  options: LinkOptions,
): Promise<void> {
  const { pool, thorough, signal } = options;
  const unique = [...new Map(files.map((file) => [file.path, file])).values()].sort(byPoolPath);
  await endpoint.link(prefix, unique, {
    check: (file) => assertInPool(file, options),
    source: ({ poolPath }) => pool.stored(poolPath),
    onDifferent: (file, name) => assertReplaceable(file, name, options),
    thorough,
    signal,
  });
}

/** The order in which the pool and its ledger have them. */
function byPoolPath(a: PlacedFile, b: PlacedFile): number {
  return a.poolPath < b.poolPath ? -1 : 1;
}

async function assertInPool(file: PlacedFile, { pool, signal, thorough }: LinkOptions): Promise<void> {
  const name = baseName(file.path);
  const facts = { size: file.size, digests: { sha256: file.sha256 } };
  if ((await pool.check({ name, facts, legacyPath: file.poolPath }, signal, { thorough })) === 'present')
    return;
  throw new EspejoError('E_POOL_MISSING', `${pool.nameOf(file.poolPath)}: is missing or damaged`, {
    hint: 'the published tree was not changed; fetch the file again: "espejo sync -force" for a mirror of the configuration, "espejo mirror update" for another one, "espejo repo add" for a file of a repository',
  });
}

/** @throws E_PUBLISH_CONFLICT */
async function assertReplaceable(
  file: PlacedFile,
  name: string,
  { onDifferent, claims }: LinkOptions,
): Promise<void> {
  if (onDifferent === 'replace') return;
  const others = new Map(await claims(file.path));
  others.delete(file.sha256);
  const context = { path: file.path, wanted: file.sha256, published: [...others.keys()] };
  if (onDifferent === 'refuse') {
    throw new EspejoError(
      'E_PUBLISH_CONFLICT',
      `error linking file to ${name}: file already exists and is different`,
      {
        context,
        stage: 'link',
        hint: `${holdersText(others)}; publish this one under another prefix, or replace what is there for all of them (-force-overwrite)`,
      },
    );
  }
  if (others.size === 0) return;
  throw new EspejoError('E_PUBLISH_CONFLICT', `${file.path}: is published with different content`, {
    context,
    stage: 'link',
    hint: `${holdersText(others)}; the upstream changed a file without changing its version: publish it under another prefix`,
  });
}

function holdersText(others: ReadonlyMap<string, string>): string {
  if (others.size === 0) return 'what is there belongs to no publication that is known here';
  return `it is the file of ${[...others.values()].join(' and of ')}`;
}
