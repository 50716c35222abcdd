import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import type { Contender, Task } from './contender.ts';
import { type GnupgHome, gnupgHomeWith } from './gnupg.ts';
import { component, suite } from './make-upstream.ts';
import { type Cost, measure, sum } from './measure.ts';

/** ESPEJO_APTLY, else aptly on PATH, else the one that the test set-up unpacked. */
export function findAptly(): string | undefined {
  const named = process.env['ESPEJO_APTLY'];
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map((directory) => join(directory, 'aptly'));
  const unpacked = resolve(import.meta.dirname, '../../.cache/aptly/usr/bin/aptly');
  return [...(named === undefined ? [] : [named]), ...onPath, unpacked].find((path) => existsSync(path));
}

/** Debian's aptly with the same selection, the same trust and the same key. */
export function aptly(program: string): Contender {
  const homes = new Map<string, GnupgHome>();
  const run = ({ root }: Task, ...words: readonly string[]): Promise<Cost> =>
    measure(program, [`-config=${join(root, 'aptly.json')}`, ...words], {
      scratch: join(root, 'time'),
      env: { GNUPGHOME: homes.get(root)?.directory ?? '' },
    });
  const update = (task: Task): Promise<Cost> =>
    run(task, 'mirror', 'update', `-keyring=${task.upstream.keyring}`, 'bench');
  return {
    name: 'aptly',
    async prepare({ root, upstream }) {
      const config = {
        rootDir: join(root, 'data'),
        architectures: ['amd64'],
        downloadConcurrency: 8,
        // "gpg" takes gpgv of one family and gpg of the other where both are installed, and stops.
        gpgProvider: 'gpg2',
      };
      await writeFile(join(root, 'aptly.json'), JSON.stringify(config));
      homes.set(root, await gnupgHomeWith(upstream.keyDirectory, root));
    },
    async coldSync(task) {
      const { upstream, url } = task;
      const create = [
        'mirror',
        'create',
        `-keyring=${upstream.keyring}`,
        `-filter=${upstream.requested.join(' | ')}`,
        '-filter-with-deps',
      ];
      return sum([await run(task, ...create, 'bench', url, suite, component), await update(task)]);
    },
    unchangedSync: update,
    async publish(task) {
      const costs = [
        await run(task, 'snapshot', 'create', 'bench', 'from', 'mirror', 'bench'),
        await run(task, 'publish', 'snapshot', '-batch', 'bench'),
      ];
      homes.get(task.root)?.stopAgent();
      return sum(costs);
    },
    poolOf: ({ root }) => join(root, 'data/pool'),
  };
}
