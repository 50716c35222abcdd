import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The genuine xenial archive data: ESPEJO_XENIAL_DIR, or `shared/xenial` beside the checkout. */
export const xenialDirectory: string =
  process.env['ESPEJO_XENIAL_DIR'] ?? resolve(import.meta.dirname, '../../../shared/xenial');

/** The reason to skip tests of genuine data, or false. */
export const skipWithoutXenial: string | false = existsSync(xenialDirectory)
  ? false
  : 'the genuine xenial data is not here (ESPEJO_XENIAL_DIR)';

/** Paths of all genuine InRelease files. */
export function inReleaseFiles(): readonly string[] {
  const roots = [join(xenialDirectory, 'ubuntu')];
  for (const state of readdirSync(join(xenialDirectory, 'states')))
    roots.push(join(xenialDirectory, 'states', state));
  return roots.flatMap((root) =>
    readdirSync(join(root, 'dists')).map((suite) => join(root, 'dists', suite, 'InRelease')),
  );
}
