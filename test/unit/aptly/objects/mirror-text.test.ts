import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mirrorJson, mirrorListLines, mirrorShowLines } from '../../../../src/aptly/objects/mirror-text.ts';
import { mirrorText } from '../../../../src/catalog/labels.ts';
import { renderGoJson } from '../../../../src/go/go-json.ts';
import { makeMirrorObject } from '../../../builders/library-objects.ts';

const packages = [{ name: 'a', version: '1', architecture: 'all' }];
const updated = Date.UTC(2026, 0, 2, 3, 4, 5);

describe('mirrorText', () => {
  it('names place and distribution', () => {
    assert.equal(mirrorText(makeMirrorObject()), '[sid]: http://host/debian/ sid');
    assert.equal(mirrorText(makeMirrorObject({ distribution: '' })), '[sid]: http://host/debian/ ./');
  });

  it('names what else is mirrored', () => {
    const all = {
      downloadSources: true,
      downloadUdebs: true,
      downloadInstaller: true,
      downloadAppStream: true,
    };

    assert.equal(
      mirrorText(makeMirrorObject(all)),
      '[sid]: http://host/debian/ sid [src] [udeb] [installer] [appstream]',
    );
  });
});

describe('mirrorListLines', () => {
  it('lists mirrors', () => {
    assert.deepEqual(mirrorListLines([makeMirrorObject()], 'aptly'), [
      'List of mirrors:',
      ' * [sid]: http://host/debian/ sid',
      '',
      'To get more information about mirror, run `aptly mirror show <name>`.',
    ]);
  });

  it('says that there are none', () => {
    assert.deepEqual(mirrorListLines([], 'aptly'), [
      'No mirrors found, create one with `aptly mirror create ...`.',
    ]);
  });
});

describe('mirrorShowLines', () => {
  it('shows a mirror that was never updated', () => {
    assert.deepEqual(mirrorShowLines(makeMirrorObject(), { packageCount: 0 }), [
      'Name: sid',
      'Archive Root URL: http://host/debian/',
      'Distribution: sid',
      'Components: main, contrib',
      'Architectures: amd64, i386',
      'Download Sources: no',
      'Download .udebs: no',
      'Download AppStream: no',
      'Last update: never',
      '',
      'Information from release file:',
      'Origin: D <o>',
      'Suite: unstable',
    ]);
  });

  it('shows filter, state, time and packages', () => {
    const mirror = makeMirrorObject({
      filter: 'a | b',
      filterWithDeps: true,
      lastDownloadDate: updated,
      downloadSources: true,
      meta: {},
    });

    assert.deepEqual(mirrorShowLines(mirror, { packageCount: 1, packages, updating: { pid: 42 } }), [
      'Name: sid',
      'Status: In Update (PID 42)',
      'Archive Root URL: http://host/debian/',
      'Distribution: sid',
      'Components: main, contrib',
      'Architectures: amd64, i386',
      'Download Sources: yes',
      'Download .udebs: no',
      'Download AppStream: no',
      'Filter: a | b',
      'Filter With Deps: yes',
      'Last update: 2026-01-02 03:04:05 UTC',
      'Number of packages: 1',
      '',
      'Information from release file:',
      'Packages:',
      '  a_1_all',
    ]);
  });

  it('has no packages to show before the first update', () => {
    const lines = mirrorShowLines(makeMirrorObject(), { packageCount: 0, packages: [] });

    assert.equal(lines.at(-1), "Unable to show package list, mirror hasn't been downloaded yet.");
  });
});

describe('mirrorJson', () => {
  it("has aptly's keys in aptly's order", () => {
    const mirror = makeMirrorObject({ components: [], architectures: [] });

    assert.equal(
      renderGoJson(mirrorJson(mirror, { updating: { pid: 7 } }), 0),
      '{"UUID":"20e39938-3495-47a9-aba6-94159f5b9c07","Name":"sid","ArchiveRoot":"http://host/debian/","Distribution":"sid","Components":null,"Architectures":null,"Meta":{"Origin":"D \\u003co\\u003e","Suite":"unstable"},"LastDownloadDate":"0001-01-01T00:00:00Z","Filter":"","Status":1,"WorkerPID":7,"FilterWithDeps":false,"SkipComponentCheck":false,"SkipArchitectureCheck":false,"DownloadSources":false,"DownloadUdebs":false,"DownloadInstaller":false,"DownloadAppStream":false}',
    );
  });

  it('ends with the packages when there are any', () => {
    assert.match(renderGoJson(mirrorJson(makeMirrorObject(), { packages }), 0), /"Packages":\["a_1_all"\]}$/);
    assert.doesNotMatch(renderGoJson(mirrorJson(makeMirrorObject(), { packages: [] }), 0), /Packages/);
  });
});
