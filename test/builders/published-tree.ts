import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A published tree in a temporary directory, with everything beside it that must never be served. */
export type PublishedTree = {
  readonly root: string;
  /** The directory around the root: holds `secret.txt`. */
  readonly outside: string;
  write(path: string, content: string | Uint8Array): Promise<void>;
  link(path: string, target: string): Promise<void>;
  /** Makes `<prefix>/dists/<distribution>` point to a generation, by one rename. */
  flip(distribution: string, generation: string): Promise<void>;
  remove(): Promise<void>;
};

export const inRelease = 'Origin: Ubuntu\nSuite: xenial\n';
export const byHashName = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** `ubuntu/dists/xenial` (generation 1 in `.espejo`) and `ubuntu/pool/main/h/hello/hello_2.10-1_amd64.deb`. */
export async function makePublishedTree(): Promise<PublishedTree> {
  const outside = await mkdtemp(join(tmpdir(), 'espejo-http-'));
  const root = join(outside, 'public');
  const tree: PublishedTree = {
    root,
    outside,
    async write(path, content) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), content);
    },
    async link(path, target) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await symlink(target, join(root, path));
    },
    async flip(distribution, generation) {
      const name = join(root, 'ubuntu/dists', distribution);
      await symlink(`.espejo/${distribution}/${generation}`, `${name}.new`);
      await rename(`${name}.new`, name);
    },
    remove: () => rm(outside, { recursive: true, force: true }),
  };
  const generation = 'ubuntu/dists/.espejo/xenial/1';
  await tree.write(`${generation}/InRelease`, inRelease);
  await tree.write(`${generation}/main/binary-amd64/Packages`, 'Package: hello\n');
  await tree.write(`${generation}/main/binary-amd64/Packages.gz`, new Uint8Array([0x1f, 0x8b, 8, 0]));
  await tree.write(`${generation}/main/binary-amd64/by-hash/SHA256/${byHashName}`, 'Package: hello\n');
  await tree.flip('xenial', '1');
  await tree.write('ubuntu/pool/main/h/hello/hello_2.10-1_amd64.deb', '0123456789');
  await writeFile(join(outside, 'secret.txt'), 'secret');
  return tree;
}
