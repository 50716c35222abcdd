import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { test } from 'node:test';
import { parseStanza } from '../../src/deb/control.ts';
import { readParagraphs } from '../../src/deb/index-reader.ts';
import { BinaryPackage, SourcePackage } from '../../src/deb/package.ts';
import { parseRelations } from '../../src/deb/relations.ts';
import { parseRelease } from '../../src/deb/release.ts';
import { renderPackageStanza, renderSourceStanza } from '../../src/deb/render-index.ts';
import { inChunks } from '../support/chunks.ts';
import { inReleaseFiles, skipWithoutXenial, xenialDirectory } from '../support/xenial.ts';
import { indexFiles, readIndex } from '../support/xenial-indexes.ts';

const skip = skipWithoutXenial;

test('every InRelease of the archive is read', { skip }, () => {
  const releases = inReleaseFiles().map((path) => parseRelease(withoutArmour(path), path));

  assert.equal(releases.length, 21);
  for (const release of releases) {
    assert.deepEqual([release.origin, release.codename], ['Ubuntu', 'xenial']);
    assert.deepEqual(release.components, ['main', 'restricted', 'universe', 'multiverse']);
    const index = release.files.get('main/binary-amd64/Packages.xz');
    assert.deepEqual(Object.keys(index?.digests ?? {}).sort(), ['md5', 'sha1', 'sha256']);
    assert.equal(release.date?.getUTCMilliseconds(), 0);
  }
});

for (const path of skip === false ? indexFiles('Packages') : []) {
  test(`every package of ${relative(xenialDirectory, path)} is read and written again`, async () => {
    const text = await readIndex(path);
    const keys = new Set<string>();
    for (const [position, raw] of (await paragraphs(text, path)).entries()) {
      const pkg = BinaryPackage.fromParagraph(raw, { what: path });
      assert.ok(pkg.file.path.startsWith('pool/') && pkg.file.facts.digests.sha256 !== undefined);
      assert.ok(pkg.source.name !== '' && pkg.provides.length >= 0);
      for (const field of relationFields) parseRelations(pkg.stanza.get(field) ?? '', field);
      keys.add(pkg.key);
      if (position % 4 === 0) assertSameFields(renderPackageStanza(pkg, pkg.file.path), raw, path);
    }

    assert.equal(keys.size, text.toString('latin1').match(/^Package:/gm)?.length ?? 0);
  });
}

for (const path of skip === false ? indexFiles('Sources') : []) {
  test(`every source package of ${relative(xenialDirectory, path)} is read and written again`, async () => {
    for (const raw of await paragraphs(await readIndex(path), path)) {
      const pkg = SourcePackage.fromParagraph(raw, { what: path });
      assert.equal(pkg.files.filter(({ name }) => name.endsWith('.dsc')).length, 1);
      for (const field of sourceRelationFields) parseRelations(pkg.stanza.get(field) ?? '', field);
      assertSameFields(renderSourceStanza(pkg, pkg.directory), raw, path);
    }
  });
}

const relationFields = [
  'Depends',
  'Pre-Depends',
  'Recommends',
  'Suggests',
  'Conflicts',
  'Breaks',
  'Replaces',
];
const sourceRelationFields = ['Build-Depends', 'Build-Depends-Indep', 'Build-Conflicts'];

/** The same fields with the same words, in whatever order and folding. */
function assertSameFields(rendered: Buffer, raw: Buffer, path: string): void {
  assert.ok(rendered.at(-1) === 0x0a && !rendered.includes('\n\n'));
  assert.equal(normalised(rendered, path), normalised(raw, path));
}

function normalised(text: Buffer, path: string): string {
  const fields = parseStanza(text, path).fields.map(({ name, value }) => {
    const words = value.split(/[\s,]+/).filter((word) => word !== '');
    return `${name.toLowerCase()}: ${name.startsWith('Checksums') || name === 'Files' ? words.toSorted() : words}`;
  });
  return fields.sort().join('\n');
}

async function paragraphs(text: Buffer, path: string): Promise<readonly Buffer[]> {
  const found: Buffer[] = [];
  for await (const batch of readParagraphs(inChunks(text, 65_536), { what: path })) found.push(...batch);
  return found;
}

/** By hand: the signature is the business of another room. */
function withoutArmour(path: string): Buffer {
  const text = readFileSync(path, 'latin1');
  const start = text.indexOf('\n\n') + 2;
  return Buffer.from(text.slice(start, text.indexOf('\n-----BEGIN PGP SIGNATURE-----')), 'latin1');
}
