import type { PackageRecord } from '../catalog/packages.ts';
import type { ErrorCode } from '../core/error-codes.ts';
import { isEspejoError } from '../core/errors.ts';
import type { Job } from '../core/progress.ts';
import { readStoredContents } from '../deb/read-contents.ts';
import type { Ports } from './ports.ts';

type ContentPorts = Pick<Ports, 'pool'> & { readonly catalog: Pick<Ports['catalog'], 'objects'> };

/**
 * The paths that a binary package installs, one character for each byte; read from its file once and remembered then.
 * Other kinds of packages install nothing.
 * @throws E_DEB_FORMAT, E_UNSAFE_PATH, E_SIZE_LIMIT when its file cannot be read; E_IO, E_PERMISSION; E_ABORTED
 */
export async function contentsOf(
  { catalog, pool }: ContentPorts,
  { key, kind, files }: PackageRecord,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const [file] = files;
  if ((kind !== 'deb' && kind !== 'udeb') || file === undefined) return [];
  const known = await catalog.objects.contents(key);
  if (known !== undefined) return known;
  const paths = await readStoredContents(pool.stored(file.poolPath), file.name, { signal });
  await catalog.objects.rememberContents(key, paths);
  return paths;
}

const unreadable: readonly ErrorCode[] = [
  'E_DEB_FORMAT',
  'E_UNSAFE_PATH',
  'E_SIZE_LIMIT',
  'E_IO',
  'E_PERMISSION',
];

/** As {@link contentsOf}, but a file that cannot be read is a warning and installs nothing (spec/semantics.md 7.3). */
export async function contentsOrWarning(
  ports: ContentPorts,
  record: PackageRecord,
  { signal, report }: Job,
): Promise<readonly string[]> {
  try {
    return await contentsOf(ports, record, signal);
  } catch (error) {
    if (!isEspejoError(error, ...unreadable)) throw error;
    report({ type: 'warning', message: `failed to generate package contents: ${error.message}` });
    return [];
  }
}
