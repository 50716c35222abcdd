import { EspejoError } from '../core/errors.ts';
import { assertSafePath } from '../deb/paths.ts';
import type { Place } from './contract.ts';

/** Name beside the distributions below which endpoints keep what is not for clients; servers do not list it. */
const storeName = '.espejo';

/**
 * Names are checked where they enter; here what an adopted database or a damaged catalog may hold is kept from leaving the
 * endpoint or reaching into the generations of others.
 * @throws E_UNSAFE_PATH
 */
export function assertPlace({ prefix, distribution }: Place): void {
  if (prefix !== '.') assertSafePath(prefix, 'prefix');
  assertSafePath(distribution, 'distribution');
  if ([...prefix.split('/'), ...distribution.split('/')].includes(storeName))
    throw new EspejoError(
      'E_UNSAFE_PATH',
      `invalid distribution ${distribution}: ${storeName} is espejo's own`,
    );
}

/** What the generations of a distribution are kept under. */
export function storeOf(distribution: string): string {
  return `${storeName}/${distribution.replaceAll('%', '%25').replaceAll('/', '%2F')}`;
}
