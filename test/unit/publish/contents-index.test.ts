import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ContentsRuns, renderContents } from '../../../src/publish/contents-index.ts';

type Installed = readonly (readonly [location: string, paths: readonly string[]])[];

function runsOf(packages: Installed, batchCharacters = 1 << 20) {
  const runs = new ContentsRuns({ batchCharacters });
  for (const [location, paths] of packages) runs.add(location, paths);
  return runs.runs();
}

function rendered(...parts: ReturnType<typeof runsOf>[]): string {
  return Buffer.concat([...renderContents(parts.flat())]).toString('latin1');
}

test('paths are sorted by bytes, each with all packages that install it', () => {
  const index = rendered(
    runsOf([
      ['net/zeta', ['usr/share/doc/b', 'etc/a', 'usr/share/doc/B']],
      ['alpha', ['usr/share/doc/b', 'usr/share/doc']],
      ['net/zeta', ['usr/share/doc/b', 'usr/share/doc-base/x', 'a path']],
    ]),
  );

  assert.equal(
    index,
    [
      'FILE LOCATION',
      'a path net/zeta',
      'etc/a net/zeta',
      'usr/share/doc alpha',
      'usr/share/doc-base/x net/zeta',
      'usr/share/doc/B net/zeta',
      'usr/share/doc/b alpha,net/zeta',
      '',
    ].join('\n'),
  );
});

test('nothing installed is no index', () => {
  assert.equal(rendered(runsOf([['net/empty', []]])), '');
});

test('bytes of paths stay as they are, locations are UTF-8', () => {
  const runs = runsOf([['caf\u00e9/x', ['caf\u00e9', '\u00c3\u00a9']]]);

  assert.deepEqual(
    Buffer.concat([...renderContents(runs)]),
    Buffer.concat([
      Buffer.from('FILE LOCATION\n'),
      Buffer.from('caf'),
      Buffer.from([0xe9]),
      Buffer.from(' caf\u00e9/x\n'),
      Buffer.from([0xc3, 0xa9]),
      Buffer.from(' caf\u00e9/x\n'),
    ]),
  );
});

test('paths that would break a line are passed over', () => {
  assert.equal(rendered(runsOf([['a', ['x\ny', 'x\0y', '', 'ok']]])), 'FILE LOCATION\nok a\n');
});

test('parts rendered together are what one index of all packages is, however small the runs', () => {
  const path = fc.array(fc.constantFrom('a', 'b', '/', ' ', '\u00e9', '-'), { minLength: 1, maxLength: 4 });
  const paths = fc.array(
    path.map((part) => part.join('')),
    { maxLength: 6 },
  );
  const packages = fc.array(fc.tuple(fc.constantFrom('x', 'net/x', 'y'), paths), { maxLength: 8 });
  fc.assert(
    fc.property(packages, packages, fc.integer({ min: 1, max: 40 }), (one, other, batch) => {
      const together = rendered(runsOf(one, batch), runsOf(other, batch));

      assert.equal(together, plainIndex([...one, ...other]));
    }),
  );
});

/** The same in the plainest way. */
function plainIndex(packages: Installed): string {
  const places = new Map<string, Set<string>>();
  for (const [location, paths] of packages)
    for (const path of paths) places.set(path, (places.get(path) ?? new Set()).add(location));
  const lines = [...places.keys()]
    .sort()
    .map((path) => `${path} ${[...(places.get(path) ?? [])].sort().join(',')}\n`);
  return lines.length === 0 ? '' : `FILE LOCATION\n${lines.join('')}`;
}

test('a hundred thousand paths come in pieces', () => {
  const runs = new ContentsRuns({ batchCharacters: 1 << 20 });
  for (let one = 0; one < 1000; one += 1)
    runs.add(
      `net/p${one}`,
      Array.from({ length: 100 }, (_, at) => `usr/share/doc/p${one % 500}/file${at}`),
    );

  const pieces = [...renderContents(runs.runs())];

  assert.ok(pieces.length > 10);
  assert.ok(pieces.every(({ length }) => length < 128 * 1024));
  assert.equal(Buffer.concat(pieces).toString().split('\n').length, 50_002);
});
