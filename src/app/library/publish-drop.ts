import { join } from 'node:path';
import type { PublicationObject } from '../../catalog/library.ts';
import { isEspejoError } from '../../core/errors.ts';
import type { Job } from '../../core/progress.ts';
import { layoutOf, type PublicationLayout } from '../../publish/layout.ts';
import { poolOf } from '../../publish/plan.ts';
import { sweepPool } from '../../publish/pool-sweep.ts';
import { removeTree, unpublish } from '../../publish/unpublish.ts';
import type { App } from '../app.ts';
import { assertOwnPublication, findPublication, type PublicationIdentity } from './publication-place.ts';
import { targetOfObject } from './publish-run.ts';
import type { PublishStep } from './publish-steps.ts';

export type DropRequest = {
  readonly identity: PublicationIdentity;
  /** Go on when files cannot be removed. */
  readonly force: boolean;
  readonly skipCleanup: boolean;
  readonly onStep: (step: PublishStep) => void;
};

/**
 * Takes a publication away (semantics.md 7.10): from clients first, by one call; then its files that nothing else needs;
 * then the catalog's record, so that a drop that dies can be done again.
 * @throws E_OBJECT_NOT_FOUND; E_OBJECT_IN_USE for a publication of the configuration; E_PERMISSION, E_IO unless forced
 */
export async function dropPublication(app: App, request: DropRequest, job: Job): Promise<void> {
  await app.exclusively('publish drop', job.signal, async () => {
    const object = await findPublication(app, request.identity);
    assertOwnPublication(app, object);
    const all = await app.catalog.objects.all('publication');
    const siblings = all.filter(
      ({ uuid, storage, prefix }) =>
        uuid !== object.uuid && storage === object.storage && prefix === object.prefix,
    );
    try {
      await removeFiles(app, { object, siblings }, request);
    } catch (error) {
      if (!request.force || !isEspejoError(error, 'E_PERMISSION', 'E_IO', 'E_CONFIG_INVALID')) throw error;
      job.report({ type: 'warning', message: error.message });
    }
    await app.catalog.dropPublication(object.name);
  });
}

type Dropped = { readonly object: PublicationObject; readonly siblings: readonly PublicationObject[] };

async function removeFiles(
  app: App,
  { object, siblings }: Dropped,
  { onStep, skipCleanup }: DropRequest,
): Promise<void> {
  const { place, storage } = targetOfObject(app, object);
  const layout = layoutOf(storage.directory, place);
  if (siblings.length === 0) {
    await unpublish(layout);
    for (const name of ['dists', 'pool']) {
      const path = join(layout.prefix, name);
      onStep({ kind: 'removing', path });
      await removeTree(path);
    }
    return;
  }
  onStep({ kind: 'removing', path: layout.link });
  await unpublish(layout);
  await cleanPool(app, { object, siblings }, { layout, onStep, skipCleanup });
}

/** Components of nobody else go as a whole; those that others have are searched for what only this one needed. */
async function cleanPool(
  app: App,
  { object, siblings }: Dropped,
  {
    layout,
    onStep,
    skipCleanup,
  }: { layout: PublicationLayout } & Pick<DropRequest, 'onStep' | 'skipCleanup'>,
): Promise<void> {
  const others = new Set(
    siblings.flatMap((one) => Object.keys(one.sources).map((component) => poolOf(one, one, component))),
  );
  const components = Object.keys(object.sources).sort();
  const shared = components.filter((component) => others.has(poolOf(object, object, component)));
  for (const component of components.filter((one) => !shared.includes(one)))
    onStep({ kind: 'removing', path: join(layout.prefix, 'pool', poolOf(object, object, component)) });
  if (shared.length > 0 && !skipCleanup) {
    onStep({ kind: 'cleaning', publication: object.name });
    for (const component of shared) onStep({ kind: 'cleaning-component', component });
  }
  const swept = skipCleanup ? components.filter((one) => !shared.includes(one)) : components;
  await sweepPool(app.catalog, object, {
    prefix: layout.prefix,
    parts: swept.map((component) => poolOf(object, object, component)),
    without: object.name,
  });
}
