import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { buildDeb, type DebSpec } from '../../src/deb/build-deb.ts';
import { skipWithout } from '../support/programs.ts';

const directory = mkdtempSync(join(tmpdir(), 'espejo-deb-'));
const skip = skipWithout('dpkg-deb', '--version');

after(() => rmSync(directory, { recursive: true }));

const spec: DebSpec = {
  control: {
    Package: 'espejo-test',
    Version: '1:2.0-1',
    Architecture: 'amd64',
    Maintainer: 'Jürgen <j@example.org>',
    Description: 'short\nlong text\n\nsecond paragraph',
  },
  files: {
    'usr/share/doc/espejo-test/README': 'hello\n',
    'usr/bin/espejo-test': { content: '#!/bin/sh\n', mode: 0o755 },
    [`usr/share/${'long-name/'.repeat(15)}file`]: new Uint8Array([0, 255]),
  },
  scripts: { postinst: '#!/bin/sh\nexit 0\n' },
};

for (const compression of ['gz', 'xz'] as const) {
  test(`dpkg-deb reads the control archive: ${compression}`, { skip }, async () => {
    const path = await built(compression);

    const info = run('dpkg-deb', '-I', path);

    assert.match(info, /new Debian package, version 2\.0/);
    assert.match(info, /\* {2}postinst/);
    assert.equal(
      run('dpkg-deb', '-f', path),
      'Package: espejo-test\nVersion: 1:2.0-1\nArchitecture: amd64\nMaintainer: Jürgen <j@example.org>\n' +
        'Description: short\n long text\n .\n second paragraph\n',
    );
  });

  test(`dpkg-deb lists the files, directories first: ${compression}`, { skip }, async () => {
    const path = await built(compression);

    const lines = run('dpkg-deb', '-c', path).trimEnd().split('\n');

    assert.match(lines[0] ?? '', /^drwxr-xr-x root\/root +0 1970-01-01 00:00 \.\/$/);
    assert.equal(
      lines.filter((line) => /^-rwxr-xr-x root\/root +10 .* \.\/usr\/bin\/espejo-test$/.test(line)).length,
      1,
    );
    assert.ok(lines.some((line) => line.endsWith(`${'long-name/'.repeat(15)}file`)));
  });

  test(`dpkg-deb extracts what was put in: ${compression}`, { skip }, async () => {
    const path = await built(compression);
    const target = join(directory, compression);

    run('dpkg-deb', '-R', path, target);

    const sums = run('sh', '-c', `cd '${target}' && md5sum -c DEBIAN/md5sums`);
    assert.deepEqual(
      sums
        .trimEnd()
        .split('\n')
        .map((line) => line.endsWith(': OK')),
      [true, true, true],
    );
  });
}

async function built(compression: 'gz' | 'xz'): Promise<string> {
  const path = join(directory, `${compression}.deb`);
  writeFileSync(path, await buildDeb({ ...spec, compression }));
  return path;
}

function run(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stdout;
}
