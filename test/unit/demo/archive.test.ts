import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseControl } from '../../../src/deb/control.ts';
import { buildArchive } from '../../../src/demo/archive.ts';
import { signingKey } from '../../support/signing-keys.ts';

test('fields of several lines are one paragraph of Packages', async () => {
  const { signer } = await signingKey('archive');
  const control = {
    Package: 'foo',
    Version: '1',
    Architecture: 'all',
    Maintainer: 'A <a@example.org>',
    Description: 'short\nlong\n\nmore',
    Conffiles: '\n/etc/foo 00',
  };
  const spec = {
    origin: 'Test',
    codename: 'sid',
    architectures: ['amd64'],
    date: new Date('2026-01-01T00:00:00Z'),
    suites: [{ name: 'sid', components: { main: [{ control }] } }],
  };

  const archive = await buildArchive(spec, signer);

  const packages = archive.get('dists/sid/main/binary-amd64/Packages') ?? Buffer.alloc(0);
  const [stanza, ...others] = parseControl(packages, 'Packages');
  assert.deepEqual(others, []);
  assert.equal(stanza?.get('Description'), 'short\nlong\n.\nmore');
  assert.equal(stanza?.get('Conffiles'), '\n/etc/foo 00');
  assert.match(stanza?.get('Filename') ?? '', /foo_1_all\.deb$/);
});
