import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { MirrorObject } from '../../src/catalog/objects.ts';
import { type CommandRoot, makeCommandRoot } from '../support/aptly-commands.ts';
import { testUpstream } from '../support/fetching.ts';
import { type ArchivePlan, makeArchive } from '../support/oracle/make-archive.ts';
import type { Upstream } from '../support/upstream.ts';

/** A root directory and an archive on loopback that mirrors can be made of; signatures are not looked at. */
export type UpdateBench = CommandRoot & {
  readonly upstream: Upstream;
  /** Replaces all that the archive has. */
  serve(plan: ArchivePlan): Promise<void>;
  /** Makes a mirror `m` of the suite `xenial`. */
  create(...flags: readonly string[]): Promise<void>;
  mirror(): Promise<MirrorObject>;
  /** Labels of the packages of the mirror. */
  packages(): Promise<readonly string[]>;
  /** Paths below the pool, sorted. */
  pool(): readonly string[];
  /** Names in the directory of partial files. */
  leftovers(): readonly string[];
};

export async function updateBench(
  context: TestContext,
  plan: ArchivePlan,
  config: object = {},
  env: Readonly<Record<string, string>> = {},
): Promise<UpdateBench> {
  const upstream = await testUpstream(context);
  const root = await makeCommandRoot('espejo', {
    config: { limits: { retries: 0 }, gpgDisableVerify: true, ...config },
    env,
  });
  const files = (directory: string): readonly string[] =>
    readdirSync(join(root.directory, 'root', directory), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath, entry.name).slice(join(root.directory, 'root', directory).length + 1),
      )
      .sort();
  const serve: UpdateBench['serve'] = async (state) => {
    upstream.files.clear();
    for (const [path, bytes] of await makeArchive(state)) upstream.files.set(`/${path}`, bytes);
  };
  const mirror = async (): Promise<MirrorObject> => {
    const found = await root.withApp(({ catalog }) => catalog.objects.find('mirror', 'm'));
    if (found === undefined) throw new Error('there is no mirror m');
    return found;
  };
  await serve(plan);
  return {
    ...root,
    upstream,
    serve,
    mirror,
    create: async (...flags) => {
      await root.output('mirror', 'create', ...flags, 'm', upstream.url, 'xenial');
    },
    packages: async () => {
      const { list } = await mirror();
      if (list === null) return [];
      return await root.withApp(async ({ catalog }) =>
        (await catalog.packages(list)).map(
          ({ name, version, architecture }) => `${name}_${version}_${architecture}`,
        ),
      );
    },
    pool: () => files('pool'),
    leftovers: () => files('tmp'),
  };
}
