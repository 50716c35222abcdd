import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Contender, Task } from './contender.ts';
import { component, suite } from './make-upstream.ts';
import { type Cost, measure } from './measure.ts';

const program = resolve(import.meta.dirname, '../../bin/espejo');

/** This working copy, by the command that its users run. */
export const espejo: Contender = {
  name: 'espejo',
  async prepare({ upstream, url, root }) {
    const config = {
      rootDir: join(root, 'data'),
      keys: { directory: upstream.keyDirectory },
      mirrors: {
        bench: {
          url: [url],
          suites: [suite],
          components: [component],
          architectures: ['amd64'],
          keyring: [upstream.keyring],
          packages: upstream.requested,
        },
      },
      publications: { bench: { distribution: suite, mirrors: ['bench'] } },
    };
    await writeFile(join(root, 'espejo.json'), JSON.stringify(config));
  },
  coldSync: (task) => run(task, 'sync'),
  unchangedSync: (task) => run(task, 'sync'),
  publish: (task) => run(task, 'publish'),
  poolOf: ({ root }) => join(root, 'data/pool'),
};

/** Time from the shell to the end of the least that the program can do. */
export function startUp(root: string): Promise<Cost> {
  return measure(program, ['version'], { scratch: join(root, 'time') });
}

function run({ root }: Task, command: string): Promise<Cost> {
  const args = [command, `-config=${join(root, 'espejo.json')}`];
  return measure(program, args, { scratch: join(root, 'time') });
}
