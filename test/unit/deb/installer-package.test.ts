import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EspejoError } from '../../../src/core/errors.ts';
import { InstallerPackage, renderInstallerParagraph } from '../../../src/deb/installer-package.ts';

/** As aptly 1.5.0 has it in its database: `P<arch> installer  1a0a271d500dbe4` has other images. */
const images = [
  { name: './udeb.list', facts: { size: 5, digests: { sha256: 'b'.repeat(64) } } },
  { name: './netboot/mini.iso', facts: { size: 3000, digests: { sha256: 'a'.repeat(64) } } },
];

describe('InstallerPackage', () => {
  it('has the images of its paragraph, with paths below their directory', () => {
    const pkg = InstallerPackage.fromParagraph(renderInstallerParagraph('amd64', images), { what: 'test' });

    assert.equal(pkg.label, 'installer__amd64');
    assert.deepEqual(
      pkg.files.map(({ path, name, facts }) => [path, name, facts.size]),
      [
        ['netboot/mini.iso', 'netboot/mini.iso', 3000],
        ['udeb.list', 'udeb.list', 5],
      ],
    );
  });

  it('has a key over the names as they are listed', () => {
    const keyOf = (files: typeof images): string =>
      InstallerPackage.fromParagraph(renderInstallerParagraph('amd64', files), { what: 'test' }).key;

    const key = keyOf(images);

    assert.match(key, /^Pamd64 installer {2}[0-9a-f]{8,16}$/);
    assert.equal(keyOf(images.toReversed()), key);
    assert.notEqual(keyOf(images.map((one) => ({ ...one, name: one.name.slice(2) }))), key);
  });

  it('refuses images that would leave their directory', () => {
    const [image] = images;
    const escaping = [{ name: './../../x', facts: image?.facts ?? { size: 0, digests: {} } }];
    const pkg = InstallerPackage.fromParagraph(renderInstallerParagraph('amd64', escaping), { what: 'test' });

    assert.throws(
      () => pkg.files,
      (error) => error instanceof EspejoError && error.code === 'E_UNSAFE_PATH',
    );
  });
});
