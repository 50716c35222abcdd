import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { makeAptClient } from '../apt-client.ts';
import { skipWithout } from '../programs.ts';
import type { Side } from './side.ts';

const skipWithoutApt: string | false = skipWithout('apt-get', '--version');

type Publication = {
  readonly Prefix: string;
  readonly Distribution: string;
  readonly Sources: readonly { readonly Component: string }[];
};

/** The packages that apt knows after an update from everything that is published, of which it must not say a word. */
export async function aptView(side: Side, t: Pick<TestContext, 'after'>): Promise<unknown> {
  if (skipWithoutApt !== false) return skipWithoutApt;
  const { stdout } = await side.run(['publish', 'list', '-json']);
  const published = JSON.parse(stdout) as readonly Publication[];
  const client = await makeAptClient(t, {
    sources: published.map((publication) => sourceLine(side, publication)),
    key: await readFile(join(side.cwd, 'home/.gnupg/pubring.gpg')),
  });
  const { status, stderr } = await client.apt('update');
  assert.deepEqual([status, stderr], [0, ''], `apt-get update of ${side.cwd}`);
  return await client.available();
}

function sourceLine({ cwd }: Side, { Prefix, Distribution, Sources }: Publication): string {
  const components = Sources.map(({ Component }) => Component).toSorted();
  return `deb file:${join(cwd, 'root/public', Prefix)} ${Distribution} ${components.join(' ')}`;
}
