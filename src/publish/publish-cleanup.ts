import { publicationPath } from '../catalog/labels.ts';
import type { PublicationObject } from '../catalog/library.ts';
import type { Ports } from '../packages/ports.ts';
import { cleanPublication } from './publish-run.ts';
import type { PublishStep } from './publish-steps.ts';

/**
 * Removes what a change of a publication has replaced, told as aptly tells it (spec/semantics.md 7.9).
 * @param components those whose packages may be other ones
 * @throws E_PERMISSION, E_IO
 */
export async function cleanComponents(
  ports: Ports,
  { before, after }: { readonly before: PublicationObject; readonly after: PublicationObject },
  { components, onStep }: { components: readonly string[]; onStep: (step: PublishStep) => void },
): Promise<void> {
  if (components.length > 0 || before.multiDist !== after.multiDist) {
    onStep({ kind: 'cleaning', publication: publicationPath(after) });
    for (const component of components) onStep({ kind: 'cleaning-component', component });
  }
  await cleanPublication(ports, after, { keepPool: false });
}
