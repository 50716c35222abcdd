import { join } from 'node:path';
import { publicationPath } from '../../aptly/objects/publication-text.ts';
import type { PublicationObject } from '../../catalog/library.ts';
import { poolOf } from '../../publish/plan.ts';
import { sweepPool } from '../../publish/pool-sweep.ts';
import type { App } from '../app.ts';
import type { PublishStep } from './publish-steps.ts';
import { storageOf } from './publish-storages.ts';

/**
 * Removes published package files that nothing needs any more, for the components that were changed or removed
 * (semantics.md 7.9).
 */
export async function cleanComponents(
  app: App,
  { before, after }: { readonly before: PublicationObject; readonly after: PublicationObject },
  { components, onStep }: { components: readonly string[]; onStep: (step: PublishStep) => void },
): Promise<void> {
  const isMoved = before.multiDist !== after.multiDist;
  if (components.length === 0 && !isMoved) return;
  onStep({ kind: 'cleaning', publication: publicationPath(after) });
  for (const component of components) onStep({ kind: 'cleaning-component', component });
  const parts = components.map((component) => poolOf(after, after, component));
  const left = isMoved ? Object.keys(before.sources).map((one) => poolOf(before, before, one)) : [];
  await sweepPool(app.catalog, after, { prefix: prefixOf(app, after), parts: [...parts, ...left] });
}

/** The directory that the publications of a storage and prefix share. */
function prefixOf(app: App, { storage, prefix }: PublicationObject): string {
  return join(storageOf(app, storage).directory, prefix);
}
