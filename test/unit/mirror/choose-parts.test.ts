import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseRelease, type Release } from '../../../src/deb/release.ts';
import { chooseParts } from '../../../src/mirror/choose-parts.ts';
import { normalDistribution, releaseFileUrl } from '../../../src/mirror/release-place.ts';
import { makeMirrorObject } from '../../builders/library-objects.ts';

function release(fields: string): Release {
  return parseRelease(Buffer.from(`Date: Thu, 21 Apr 2016 23:23:46 UTC\n${fields}`), 'Release');
}

const debian = release('Architectures: source i386 amd64 all\nComponents: main contrib\n');
const unnamed = { components: [], architectures: [] };

describe('chooseParts', () => {
  test('a mirror that names nothing takes what is listed, architectures sorted and without source', () => {
    const parts = chooseParts(debian, makeMirrorObject(unnamed));

    assert.deepEqual(parts, { architectures: ['all', 'amd64', 'i386'], components: ['main', 'contrib'] });
  });

  test('a mirror keeps what it names, in its order', () => {
    const named = { components: ['contrib', 'main'], architectures: ['i386', 'amd64'] };

    assert.deepEqual(chooseParts(debian, makeMirrorObject(named)), named);
  });

  test('what is not listed is refused with the way to force it, and taken when forced', () => {
    const component = makeMirrorObject({ ...unnamed, components: ['main', 'x'] });
    const architecture = makeMirrorObject({ ...unnamed, architectures: ['mips'] });

    assert.throws(() => chooseParts(debian, component), {
      code: 'E_COMPONENT_UNKNOWN',
      message:
        'component x not available in repo [sid]: http://host/debian/ sid, use -force-components to override',
    });
    assert.throws(() => chooseParts(debian, architecture), {
      code: 'E_ARCHITECTURE_UNKNOWN',
      message:
        'architecture mips not available in repo [sid]: http://host/debian/ sid, use -force-architectures to override',
    });
    assert.deepEqual(chooseParts(debian, { ...component, skipComponentCheck: true }).components, [
      'main',
      'x',
    ]);
    assert.deepEqual(chooseParts(debian, { ...architecture, skipArchitectureCheck: true }).architectures, [
      'mips',
    ]);
  });

  test('what has an index is there, whatever the fields say or do not say', () => {
    const digest = 'a'.repeat(64);
    const files = `SHA256:\n ${digest} 10 main/binary-amd64/Packages.gz\n ${digest} 10 extra/binary-i386/Packages\n ${digest} 10 main/debian-installer/binary-arm64/Packages\n`;
    const silent = release(files);
    const wrong = release(`Architectures: x86_64\nComponents: other\n${files}`);

    assert.deepEqual(chooseParts(silent, makeMirrorObject(unnamed)), {
      components: ['extra', 'main'],
      architectures: ['amd64', 'i386'],
    });
    const named = { components: ['main'], architectures: ['amd64'] };
    assert.deepEqual(chooseParts(silent, makeMirrorObject(named)), named);
    assert.deepEqual(chooseParts(wrong, makeMirrorObject(named)), named);
    const other = makeMirrorObject({ components: ['main'], architectures: ['arm64'] });
    assert.throws(() => chooseParts(silent, other), { code: 'E_ARCHITECTURE_UNKNOWN' });
  });

  test('commas between components and architectures separate them', () => {
    const parts = chooseParts(
      release('Architectures: amd64, i386\nComponents: main,contrib\n'),
      makeMirrorObject(unnamed),
    );

    assert.deepEqual(parts, { architectures: ['amd64', 'i386'], components: ['main', 'contrib'] });
  });

  test('components named after the last part of the distribution lose it', () => {
    const security = release('Architectures: amd64\nComponents: updates/main updates/contrib\n');
    const mirror = makeMirrorObject({
      distribution: 'wheezy/updates',
      components: ['main'],
      architectures: [],
    });

    assert.deepEqual(chooseParts(security, mirror).components, ['main']);
    assert.deepEqual(chooseParts(security, { ...mirror, components: [] }).components, ['main', 'contrib']);
  });

  test('a flat archive has no components and no architectures', () => {
    const flat = makeMirrorObject({ ...unnamed, distribution: './', architectures: ['amd64'] });

    assert.deepEqual(chooseParts(release('Architectures: i386\nComponents: main\n'), flat), {
      architectures: [],
      components: [],
    });
  });

  test('architectures that nobody names have to be given', () => {
    const mirror = makeMirrorObject({ ...unnamed, distribution: 'sid' });

    assert.throws(() => chooseParts(release('Architectures: source\n'), mirror), {
      code: 'E_NO_ARCHITECTURES',
    });
  });

  test('messages do not show the password of the archive', () => {
    const mirror = makeMirrorObject({
      ...unnamed,
      components: ['x'],
      archiveRoot: 'http://u:secret@host/debian/',
    });

    assert.throws(() => chooseParts(debian, mirror), { message: /http:\/\/\*\*\*@host\/debian\// });
  });
});

describe('where the Release file is', () => {
  const archiveRoot = 'http://host/debian/';

  test('below dists, or for a flat archive beside the packages', () => {
    const urls = ['sid', 'stable/updates', './', './a/b/', ''].map((distribution) =>
      releaseFileUrl({ archiveRoot, distribution }, 'Release'),
    );

    assert.deepEqual(urls, [
      'http://host/debian/dists/sid/Release',
      'http://host/debian/dists/stable/updates/Release',
      'http://host/debian/Release',
      'http://host/debian/a/b/Release',
      'http://host/debian/Release',
    ]);
  });

  test('a distribution cannot leave the archive', () => {
    for (const distribution of ['../x', './../x/', 'a/../../b', '/etc', 'a//b', '..'])
      assert.throws(() => releaseFileUrl({ archiveRoot, distribution }, 'Release'), {
        code: 'E_UNSAFE_PATH',
      });
  });

  test('flat distributions have one form', () => {
    const forms = ['./', '.', '', 'a/', './a', 'a/b/', './a/'].map(normalDistribution);

    assert.deepEqual(forms, ['./', './', './', './a/', './a/', './a/b/', './a/']);
    assert.equal(normalDistribution('sid'), 'sid');
  });
});
