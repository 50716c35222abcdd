import { getContainerRuntimeClient } from 'testcontainers';

// The reaper is an image of a registry; these tests need none, and remove what they start themselves.
process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true';

/**
 * Why the container tests cannot run here, or false: the value of node:test's `skip`.
 * With ESPEJO_REQUIRE_DOCKER=1 (set where the tests must not be skipped) a missing engine is an error instead.
 */
export async function skipWithoutEngine(): Promise<string | false> {
  try {
    await getContainerRuntimeClient();
    return false;
  } catch (cause) {
    if (process.env['ESPEJO_REQUIRE_DOCKER'] === '1') {
      throw new Error('ESPEJO_REQUIRE_DOCKER=1, but no Docker engine answers', { cause });
    }
    return 'no Docker engine answers: run test/setup/install and test/setup/docker-engine';
  }
}
