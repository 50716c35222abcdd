import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fingerprintOf, makeWorkshop } from '../../support/publishing.ts';

const memory = '/dev/shm';
const deb = 'ubuntu/pool/main/h/hello/hello_1.0_amd64.deb';

describe('a published tree on another file system', { skip: withoutSecondFileSystem() }, () => {
  test('gets copies with the time of the originals', async (t) => {
    const publicDirectory = await mkdtemp(join(memory, 'espejo-'));
    t.after(() => rm(publicDirectory, { recursive: true, force: true }));
    const workshop = await makeWorkshop(t, { directory: tmpdir(), publicDirectory });
    await workshop.stock({ main: [{ name: 'hello' }] });

    await workshop.publish();

    const { nlink, mode } = await stat(workshop.at(deb));
    assert.deepEqual([nlink, mode & 0o777], [1, 0o644]);
    await workshop.verify();
  });

  test('keeps untouched copies, replaces edited ones, and all that differ when forced', async (t) => {
    const publicDirectory = await mkdtemp(join(memory, 'espejo-'));
    t.after(() => rm(publicDirectory, { recursive: true, force: true }));
    const workshop = await makeWorkshop(t, { directory: tmpdir(), publicDirectory });
    await workshop.stock({ main: [{ name: 'hello' }] });
    await workshop.publish();
    const { ino, mtime, size } = await stat(workshop.at(deb));
    workshop.advance(60);
    await workshop.stock({ main: [{ name: 'hello' }, { name: 'world' }] });
    await workshop.publish();
    const kept = (await stat(workshop.at(deb))).ino === ino;
    await writeFile(workshop.at(deb), Buffer.alloc(size));
    await utimes(workshop.at(deb), mtime, mtime);
    workshop.advance(60);

    await workshop.publish({ force: true });

    assert.ok(kept);
    await workshop.verify();
  });
});

test('a disk that fills leaves the old tree, and the next publish finishes', {
  skip: withoutMount(),
}, async (t) => {
  const publicDirectory = await mkdtemp(join(tmpdir(), 'espejo-full-'));
  mount('-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', publicDirectory);
  t.after(async () => {
    spawnSync('umount', ['-l', publicDirectory]);
    await rm(publicDirectory, { recursive: true, force: true });
  });
  const workshop = await makeWorkshop(t, { directory: tmpdir(), publicDirectory });
  await workshop.stock({ main: [{ name: 'hello' }] });
  await workshop.publish();
  const before = await fingerprintOf(workshop.at('ubuntu/dists/xenial'));
  await fill(workshop.at('ballast'));
  workshop.advance(60);
  await workshop.stock({ main: [{ name: 'hello' }, { name: 'world' }] });

  await assert.rejects(workshop.publish(), { code: 'E_DISK_FULL' });

  assert.deepEqual(await fingerprintOf(workshop.at('ubuntu/dists/xenial')), before);
  await workshop.verify();
  await rm(workshop.at('ballast'));
  await workshop.publish();
  assert.equal((await workshop.verify()).packages, 2);
});

/** Takes all but a little of the space that is left. */
async function fill(path: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, Buffer.alloc(2 ** 20)).catch((error: { code: string }) => {
    assert.equal(error.code, 'ENOSPC');
  });
  assert.ok((await readFile(path)).byteLength > 0);
}

function withoutSecondFileSystem(): string | false {
  try {
    return statSync(memory).dev === statSync(tmpdir()).dev ? `${memory} is no other file system` : false;
  } catch {
    return `there is no ${memory}`;
  }
}

function withoutMount(): string | false {
  if (process.getuid?.() !== 0) return 'only root may mount';
  return spawnSync('unshare', ['-m', 'true']).status === 0 ? false : 'mounting is not allowed here';
}

function mount(...args: readonly string[]): void {
  assert.equal(spawnSync('mount', args).status, 0, 'the file system is mounted');
}
