import { describe } from 'node:test';
import { crashPromises } from './endpoint-crashes.suite.ts';
import { generationPromises } from './endpoint-generations.suite.ts';
import { packageFilePromises } from './endpoint-package-files.suite.ts';
import { placePromises } from './endpoint-places.suite.ts';
import type { OpenEndpoint } from './endpoint-under-test.ts';

/**
 * Every endpoint keeps these promises.
 * @param options.withCrashes false for a variant of one that was tried with a crash at each change
 */
export function endpointSuite(
  what: string,
  open: OpenEndpoint,
  { withCrashes } = { withCrashes: true },
): void {
  describe(what, () => {
    generationPromises(open);
    placePromises(open);
    packageFilePromises(open);
    if (withCrashes) crashPromises(open);
  });
}
