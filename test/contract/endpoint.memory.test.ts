import { sha256Hex } from '../../src/core/digest.ts';
import { ObjectStore } from '../../src/endpoint/memory/object-store.ts';
import { openMemoryEndpoint } from '../../src/endpoint/memory/open-memory-endpoint.ts';
import { endpointSuite } from './endpoint.suite.ts';
import { streamed } from './endpoint-under-test.ts';

endpointSuite('endpoint in memory', async () => {
  let watcher: () => void = () => undefined;
  const store = new ObjectStore(() => watcher());
  return {
    endpoint: openMemoryEndpoint(store),
    reopen: () => openMemoryEndpoint(store),
    store: streamed,
    get: async (path) => store.get(path)?.bytes,
    put: async (path, bytes) => store.put(path, { bytes, sha256: sha256Hex(bytes), generation: undefined }),
    watch(count) {
      watcher = count;
      return {
        stop: () => {
          watcher = () => undefined;
        },
      };
    },
  };
});
