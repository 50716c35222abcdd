import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { compressXz } from '../../src/deb/xz.ts';
import { testDirectory } from '../support/fetching.ts';

const inflater = resolve(import.meta.dirname, '../../src/deb/inflate.ts');
const mebibyte = 2 ** 20;

/** How much the memory of a process grows while it refuses a file that inflates to too much. */
async function growth(file: string): Promise<number> {
  const script = `
    import { createReadStream, readFileSync } from 'node:fs';
    import { inflate } from ${JSON.stringify(inflater)};
    const peak = () => Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
    const before = peak();
    const inflation = { what: 'x', maxBytes: ${mebibyte}, signal: new AbortController().signal };
    const read = async (plain) => { for await (const _ of plain); };
    const code = await inflate(createReadStream(${JSON.stringify(file)}), '.xz', inflation, read).catch((error) => error.code);
    console.log(JSON.stringify({ code, grown: peak() - before }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  const { code, grown } = JSON.parse(stdout) as { code: string; grown: number };
  assert.equal(code, 'E_SIZE_LIMIT');
  return grown;
}

test('an xz bomb is refused before it fills the memory', async (t) => {
  const file = join(await testDirectory(t), 'bomb.xz');
  await writeFile(file, await compressXz(new Uint8Array(100 * mebibyte)));

  const grown = await growth(file);

  assert.ok(grown < 40 * mebibyte, `${Math.round(grown / mebibyte)} MiB`);
});
