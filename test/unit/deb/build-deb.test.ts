import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildDeb, type DebSpec } from '../../../src/deb/build-deb.ts';

const control = { Package: 'foo', Version: '1.0-1', Architecture: 'all', Maintainer: 'A <a@example.org>' };

for (const compression of ['gz', 'xz'] as const) {
  test(`builds an archive of the three members of a .deb: ${compression}`, async () => {
    const deb = await buildDeb({ control, files: { 'usr/share/foo': 'x' }, compression });

    assert.equal(deb.toString('latin1', 0, 8), '!<arch>\n');
    assert.deepEqual(memberNames(deb), [
      'debian-binary',
      `control.tar.${compression}`,
      `data.tar.${compression}`,
    ]);
  });

  test(`builds the same bytes again: ${compression}`, async () => {
    const spec: DebSpec = {
      control,
      files: { b: 'b', a: { content: Buffer.from('a'), mode: 0o755 } },
      scripts: { postinst: '#!/bin/sh\n' },
      compression,
    };

    const [first, second] = [await buildDeb(spec), await buildDeb(spec)];

    assert.deepEqual(first, second);
  });
}

const refused: readonly (readonly [code: string, spec: DebSpec])[] = [
  ['E_DEB_FORMAT', { control: { ...control, Package: '../x' } }],
  ['E_DEB_FORMAT', { control: { Package: 'foo', Architecture: 'all' } }],
  ['E_VERSION_SYNTAX', { control: { ...control, Version: '1_0' } }],
  ['E_DEB_FORMAT', { control: { Package: 'foo', Version: '1' } }],
  ['E_UNSAFE_PATH', { control, files: { '../etc/passwd': '' } }],
  ['E_UNSAFE_PATH', { control, files: { '/etc/passwd': '' } }],
];

for (const [code, spec] of refused) {
  test(`refuses ${JSON.stringify(spec).slice(0, 100)}`, async () => {
    await assert.rejects(buildDeb(spec), { code });
  });
}

function memberNames(archive: Buffer): readonly string[] {
  const names: string[] = [];
  for (let at = 8; at < archive.length; ) {
    const header = archive.toString('latin1', at, at + 60);
    names.push(header.slice(0, 16).trimEnd());
    const size = Number(header.slice(48, 58));
    at += 60 + size + (size % 2);
  }
  return names;
}
