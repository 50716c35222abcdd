import fs from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { localFile } from '../../src/core/stored-file.ts';
import { openFilesystemEndpoint } from '../../src/endpoint/filesystem/open-filesystem-endpoint.ts';
import type { Storage } from '../../src/endpoint/filesystem/storage.ts';
import { quickDirectory } from '../support/temporary-directory.ts';
import { endpointSuite } from './endpoint.suite.ts';
import type { EndpointUnderTest } from './endpoint-under-test.ts';

endpointSuite('endpoint in a directory', (t) => openIn(t, { link: 'hardlink', verify: 'digest' }));

endpointSuite('endpoint in a directory of copies', (t) => openIn(t, { link: 'copy', verify: 'size' }), {
  withCrashes: false,
});

async function openIn(t: TestContext, how: Omit<Storage, 'directory'>): Promise<EndpointUnderTest> {
  const root = await mkdtemp(join(quickDirectory, 'espejo-endpoint-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  const directory = join(root, 'public');
  let files = 0;
  const open = () => openFilesystemEndpoint({ directory, ...how });
  return {
    endpoint: open(),
    reopen: open,
    store(bytes) {
      files += 1;
      const path = join(root, `${files}`);
      fs.writeFileSync(path, bytes);
      return localFile(path, { isImmutable: true });
    },
    get: (path) =>
      readFile(join(directory, path)).catch((error: { readonly code: string }) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      }),
    async put(path, bytes) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), bytes);
    },
    watch: watchFileSystem,
  };
}

/** Calls by which anything below a directory is changed. */
const changingCalls = {
  promises: ['copyFile', 'link', 'rename', 'rm', 'rmdir', 'symlink', 'writeFile'],
  sync: ['linkSync', 'mkdirSync', 'symlinkSync', 'createWriteStream'],
} as const;

/** The code under test has imported these functions by name: Node brings such names in line when it is asked to. */
function watchFileSystem(count: () => void): { readonly stop: () => void } {
  const undo = [
    ...changingCalls.promises.map((name) => spoil(fs.promises, name, count)),
    ...changingCalls.sync.map((name) => spoil(fs, name, count)),
  ];
  syncBuiltinESMExports();
  return {
    stop: () => {
      for (const one of undo) one();
      syncBuiltinESMExports();
    },
  };
}

function spoil<Name extends string>(
  target: { [key in Name]: (...args: never[]) => unknown },
  name: Name,
  count: () => void,
): () => void {
  const original = target[name];
  const isPromise = target === (fs.promises as unknown);
  const spoilt = (...args: never[]): unknown => {
    try {
      count();
    } catch (error) {
      if (isPromise) return Promise.reject(error);
      throw error;
    }
    return original.apply(target, args);
  };
  target[name] = spoilt as (typeof target)[Name];
  return () => {
    target[name] = original;
  };
}
