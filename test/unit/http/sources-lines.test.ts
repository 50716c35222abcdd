import assert from 'node:assert/strict';
import { test } from 'node:test';
import { archiveUrl, sourcesLines } from '../../../src/http/sources-lines.ts';

const xenial = {
  prefix: 'ubuntu',
  distribution: 'xenial',
  components: ['main', 'universe'],
  architectures: ['amd64'],
};

test('a signed publication names its key', () => {
  const lines = sourcesLines(xenial, 'http://mirror:8080/', '/etc/apt/keyrings/espejo.gpg');

  assert.deepEqual(lines, {
    oneLine: 'deb [signed-by=/etc/apt/keyrings/espejo.gpg] http://mirror:8080/ubuntu xenial main universe',
    plainLine: 'deb http://mirror:8080/ubuntu xenial main universe',
    deb822:
      'Types: deb\nURIs: http://mirror:8080/ubuntu\nSuites: xenial\nComponents: main universe\nSigned-By: /etc/apt/keyrings/espejo.gpg\n',
  });
});

test('an unsigned publication has to be trusted by name', () => {
  const lines = sourcesLines(xenial, 'http://mirror', undefined);

  assert.equal(lines.oneLine, 'deb [trusted=yes] http://mirror/ubuntu xenial main universe');
  assert.equal(lines.plainLine, lines.oneLine);
  assert.match(lines.deb822, /\nTrusted: yes\n$/);
});

test('the root prefix adds nothing to the URL', () => {
  const lines = sourcesLines({ ...xenial, prefix: '.' }, 'http://mirror', '/k.gpg');

  assert.equal(lines.plainLine, 'deb http://mirror xenial main universe');
});

test('sources are offered when they are published', () => {
  const lines = sourcesLines({ ...xenial, architectures: ['amd64', 'source'] }, 'http://mirror', '/k.gpg');

  assert.match(lines.deb822, /^Types: deb deb-src\n/);
  assert.equal(
    lines.oneLine,
    'deb [signed-by=/k.gpg] http://mirror/ubuntu xenial main universe\ndeb-src [signed-by=/k.gpg] http://mirror/ubuntu xenial main universe',
  );
  assert.equal(
    lines.plainLine,
    'deb http://mirror/ubuntu xenial main universe\ndeb-src http://mirror/ubuntu xenial main universe',
  );
});

test('where there are nothing but sources no packages are offered', () => {
  const lines = sourcesLines({ ...xenial, architectures: ['source'] }, 'http://mirror', '/k.gpg');

  assert.match(lines.deb822, /^Types: deb-src\n/);
  assert.equal(lines.plainLine, 'deb-src http://mirror/ubuntu xenial main universe');
});

test('no name adds a line', () => {
  const lines = sourcesLines({ ...xenial, distribution: 'x\nTrusted: yes' }, 'http://mirror', '/k.gpg');

  assert.equal(lines.oneLine.includes('\n'), false);
  assert.doesNotMatch(lines.deb822, /^Trusted/m);
});

test('prefixes of several segments are encoded one by one', () => {
  const url = archiveUrl('./team a/ubuntu/', 'http://mirror//');

  assert.equal(url, 'http://mirror/team%20a/ubuntu');
});
