import type { MirrorObject } from '../catalog/objects.ts';
import { about, EspejoError } from '../core/errors.ts';
import { splitLogin } from '../core/login.ts';
import { parseHttpUrl } from '../fetch/url.ts';
import { parseQuery } from '../query/parse-query.ts';
import { isFlat } from './release-place.ts';

/** What users decide about a mirror besides its name and its place. */
export type MirrorSettings = Pick<
  MirrorObject,
  | 'filter'
  | 'filterWithDeps'
  | 'downloadSources'
  | 'downloadUdebs'
  | 'downloadInstaller'
  | 'downloadAppStream'
>;

/**
 * The root of an archive as mirrors keep it: with a trailing slash, user and password apart.
 * @throws E_FETCH_UNSUPPORTED for anything but http and https
 */
export function normalArchiveRoot(text: string): Required<Pick<MirrorObject, 'archiveRoot' | 'credentials'>> {
  parseHttpUrl(text);
  const { url, login } = splitLogin(text);
  return { archiveRoot: url.endsWith('/') ? url : `${url}/`, credentials: login ?? null };
}

/** @throws E_QUERY_SYNTAX (`parsing failed: ...`) */
export function assertFilter(filter: string): void {
  if (filter === '') return;
  try {
    parseQuery(filter);
  } catch (error) {
    throw about('parsing failed', error);
  }
}

/** Why a flat archive cannot have what lies in or beside components, in the words of one command. */
export type FlatRefusals = { readonly udebs: string; readonly appStream: string };

/** @throws E_BAD_VALUE */
export function assertFlatCanHave(mirror: MirrorObject, refusals: FlatRefusals): void {
  if (!isFlat(mirror)) return;
  if (mirror.downloadUdebs) throw new EspejoError('E_BAD_VALUE', refusals.udebs);
  if (mirror.downloadAppStream) throw new EspejoError('E_BAD_VALUE', refusals.appStream);
}
