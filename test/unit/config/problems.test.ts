import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mirrorYaml, problemsOf } from './config-problems.ts';

/** A mirror of eight lines; what follows begins on line 8. */
const mirror = mirrorYaml();

const mistakes: readonly (readonly [string, string, readonly string[]])[] = [
  ['a top-level key', 'mirors: {}\n', ['1 mirors: unknown key (did you mean "mirrors"?)']],
  ['a key that resembles nothing', 'zzz: 1\n', ['1 zzz: unknown key']],
  ['a JSON key in odd case in YAML', 'ROOTDIR: /x\n', ['1 ROOTDIR: unknown key (did you mean "root_dir"?)']],
  [
    'a key of a mirror',
    mirrorYaml(['sutes: [x]']),
    ['8 mirrors.ubuntu.sutes: unknown key (did you mean "suites"?)'],
  ],
  [
    'a key of a suite',
    mirrorYaml(['suites:', '  - xenial', '  - name: b', '    uri: http://x/'], ['suites']),
    ['10 mirrors.ubuntu.suites[1].uri: unknown key (did you mean "url"?)'],
  ],
  ['a key set twice', 'root_dir: /x\nroot_dir: /y\n', ['2 root_dir: is set twice; the first time on line 1']],
  [
    'a key set in two spellings',
    'root_dir: /x\nrootDir: /y\n',
    ['2 rootDir: is set twice; the first time on line 1'],
  ],
  [
    'a mirror set twice',
    'mirrors:\n  a: {}\n  a: {}\n',
    ['2 mirrors.a.suites: is missing', '3 mirrors.a: is set twice; the first time on line 2'],
  ],
  ['a number where text belongs', '{"rootDir": 5}', ['1 rootDir: must be text, not a number']],
  [
    'a text where a number belongs',
    'download_concurrency: many\n',
    ['1 download_concurrency: must be a number, not text'],
  ],
  ['a fraction', 'download_concurrency: 1.5\n', ['1 download_concurrency: must be a whole number, not 1.5']],
  ['a NUL in a path', 'root_dir: "/srv/a\\0b"\n', ['1 root_dir: has a NUL character']],
  [
    'a text where a flag belongs',
    'skip_legacy_pool: maybe\n',
    ['1 skip_legacy_pool: must be true or false, not text'],
  ],
  ['a list where a map belongs', 'mirrors: []\n', ['1 mirrors: must be a map, not a list']],
  ['a map where text belongs', 'root_dir: {}\n', ['1 root_dir: must be text, not a map']],
  [
    'a word that is no choice',
    mirrorYaml(['versions: latst']),
    ['8 mirrors.ubuntu.versions: must be one of latest, all (did you mean "latest"?)'],
  ],
  [
    'an unknown pool',
    'packagepool_storage: {type: s3}\n',
    ['1 packagepool_storage.type: must be one of local, azure'],
  ],
  ['no suites', mirrorYaml([], ['suites']), ['2 mirrors.ubuntu.suites: is missing']],
  [
    'an empty list of suites',
    mirrorYaml(['suites: []'], ['suites']),
    ['7 mirrors.ubuntu.suites: must name at least one suite'],
  ],
  [
    'a suite named twice',
    mirrorYaml(['suites:', '- xenial', '- xenial'], ['suites']),
    ['9 mirrors.ubuntu.suites[1]: the suite "xenial" is named twice'],
  ],
  [
    'a flat archive that leaves its root',
    mirrorYaml(['suites: [../, a/../b/, ..]'], ['suites']),
    [
      '7 mirrors.ubuntu.suites[0]: ".." is not the name of a directory of the archive: it has a ".." part',
      '7 mirrors.ubuntu.suites[1]: "a/../b" is not the name of a directory of the archive: it has a ".." part',
      '7 mirrors.ubuntu.suites[2]: ".." is not the name of a directory of the archive: it has a ".." part',
    ],
  ],
  [
    'components of a flat archive',
    mirrorYaml(['suites: [{name: ./, components: [main, extra]}]'], ['suites']),
    ['7 mirrors.ubuntu.suites[0]: is a flat archive, which has no components'],
  ],
  [
    'a flat archive in two spellings',
    mirrorYaml(['suites: [./, /]'], ['suites']),
    ['7 mirrors.ubuntu.suites[1]: the suite "./" is named twice'],
  ],
  [
    'a suite that leaves dists',
    mirrorYaml(['suites: [xenial/../..]'], ['suites']),
    ['7 mirrors.ubuntu.suites[0]: "xenial/../.." is not the name of a suite: it has a ".." part'],
  ],
  [
    'no URL',
    mirrorYaml([], ['url']),
    ['3 mirrors.ubuntu.suites[0]: has no url, and the mirror has none either'],
  ],
  [
    'another scheme',
    mirrorYaml(['url: [http://a/, "ftp://b/ubuntu"]'], ['url']),
    ['7 mirrors.ubuntu.url[1]: "ftp://b/ubuntu" has the scheme ftp: but only http: and https: work'],
  ],
  [
    'no URL at all',
    mirrorYaml(['url: archive.ubuntu.com/ubuntu'], ['url']),
    ['7 mirrors.ubuntu.url: "archive.ubuntu.com/ubuntu" is not a URL; write it as http://host/path/'],
  ],
  [
    'a URL with a query',
    mirrorYaml(['url: http://a/?b=c'], ['url']),
    ['7 mirrors.ubuntu.url: "http://a/?***" must not have ? or #'],
  ],
  [
    'no components',
    mirrorYaml([], ['components']),
    ['4 mirrors.ubuntu.suites[0]: has no components, and the mirror has none either'],
  ],
  [
    'a component that is none',
    mirrorYaml(['components: [../x]'], ['components']),
    ['7 mirrors.ubuntu.components[0]: "../x" is not the name of a component: it has a ".." part'],
  ],
  [
    'architectures that are none',
    mirrorYaml(['architectures: [all, source, "amd 64"]']),
    [
      '8 mirrors.ubuntu.architectures[0]: "all" comes with every architecture; leave it out',
      '8 mirrors.ubuntu.architectures[1]: "source" is no architecture; set sources: true instead',
      '8 mirrors.ubuntu.architectures[2]: "amd 64" is not the name of an architecture: it must be letters, digits and + . ~ _ - and begin with a letter or digit',
    ],
  ],
  [
    'no keys',
    mirrorYaml([], ['keyring']),
    ['2 mirrors.ubuntu: has neither keyring nor key, so nothing can verify its signatures'],
  ],
  [
    'a private key',
    mirrorYaml(['key: -----BEGIN PGP PRIVATE KEY BLOCK-----']),
    ['8 mirrors.ubuntu.key: is a private key; put the public one here'],
  ],
  [
    'a path in place of a key',
    mirrorYaml(['key: archive.gpg']),
    ['8 mirrors.ubuntu.key: must be an armored public key; name a key file under "keyring"'],
  ],
  ['no packages', mirrorYaml([], ['packages']), ['2 mirrors.ubuntu.packages: is missing or empty']],
  [
    'packages that cannot be read',
    mirrorYaml(['packages:', '- nginx', '- a | ', '- linux-*', '- nginx (>= a:1)', '- ~'], ['packages']),
    ['12 mirrors.ubuntu.packages[4]: is missing'],
  ],
  [
    'a bad name',
    'mirrors: {"-x": {}}\n',
    ['1 mirrors.-x: is not a name: use letters, digits and + . : _ - and begin with a letter or digit'],
  ],
  ['a name of the machine', 'mirrors: {__proto__: {}}\n', ['1 mirrors.__proto__: cannot be a name']],
  [
    'an unknown mirror',
    `${mirror}publications:\n  x:\n    mirrors: [ubunt]\n`,
    ['10 publications.x.mirrors[0]: there is no mirror "ubunt" (did you mean "ubuntu"?)'],
  ],
  [
    'an unknown suite',
    `${mirror}publications:\n  x:\n    mirrors: ["ubuntu:xenia"]\n`,
    ['10 publications.x.mirrors[0]: the mirror "ubuntu" has no suite "xenia" (did you mean "xenial"?)'],
  ],
  [
    'components and architectures that no mirror has',
    `${mirror}publications:\n  x:\n    mirrors: [ubuntu]\n    components: [main, mian]\n    architectures: [i386]\n`,
    [
      '11 publications.x.components[1]: none of its mirrors has "mian" (did you mean "main"?)',
      '12 publications.x.architectures[0]: none of its mirrors has "i386"',
    ],
  ],
  [
    'two publications in one place',
    `${mirror}publications:\n  a: {mirrors: ubuntu, distribution: d, prefix: p}\n  b: {mirrors: ubuntu, distribution: d, prefix: /p/}\n`,
    ['10 publications.b: is published at p/dists/d, as is "a"'],
  ],
  [
    'a publication inside another',
    `${mirror}publications:\n  a: {mirrors: ubuntu, distribution: d}\n  b: {mirrors: ubuntu, distribution: d/e}\n`,
    ['10 publications.b: is published at ./dists/d/e, inside the tree of "a"'],
  ],
  [
    'a publication around another',
    `${mirror}publications:\n  a: {mirrors: ubuntu, distribution: d/e}\n  b: {mirrors: ubuntu, distribution: d}\n`,
    ['10 publications.b: is published at ./dists/d, around the tree of "a"'],
  ],
  [
    'forbidden prefixes',
    `${mirror}publications:\n${['a/../b', 'dists', 'a/pool', 's3:x', '.hidden', 'a b']
      .map((prefix, index) => `  p${index}: {mirrors: ubuntu, prefix: "${prefix}"}\n`)
      .join('')}`,
    [
      '9 publications.p0.prefix: "a/../b" cannot be a prefix: it has a ".." part',
      '10 publications.p1.prefix: "dists" cannot be a prefix: it has the reserved part "dists"',
      '11 publications.p2.prefix: "a/pool" cannot be a prefix: it has the reserved part "pool"',
      '12 publications.p3.prefix: "s3:x" names a storage; only the local directory can be used',
      '13 publications.p4.prefix: ".hidden" cannot be a prefix: a part of it begins with a dot',
      '14 publications.p5.prefix: "a b" cannot be a prefix: it has a blank, a backslash or a control character',
    ],
  ],
  [
    'a field with a line break',
    `${mirror}publications:\n  a: {mirrors: ubuntu, label: "x\\nOrigin: y"}\n`,
    ['9 publications.a.label: must be one line without control characters'],
  ],
  [
    'a flag that is neither yes nor no',
    `${mirror}publications:\n  a: {mirrors: ubuntu, not_automatic: perhaps, but_automatic_upgrades: []}\n`,
    [
      '9 publications.a.not_automatic: must be yes or no',
      '9 publications.a.but_automatic_upgrades: cannot be a list',
    ],
  ],
  [
    'durations',
    `${mirror}publications:\n  a: {mirrors: ubuntu, valid_for: 7 days, keep_by_hash: 0d}\n`,
    [
      '9 publications.a.valid_for: "7 days" is not a duration; write it as 90s, 15m, 4h, 7d or 2w',
      '9 publications.a.keep_by_hash: must be more than 0',
    ],
  ],
  [
    'sizes and numbers',
    'limits:\n  index_size: big\n  concurrency: 0\n  bandwidth: 0\n  retries: 101\n',
    [
      '2 limits.index_size: "big" is not a size; write it as 4096, 512K, 20MiB or 2G',
      '3 limits.concurrency: must be 1 or more',
      '4 limits.bandwidth: must be more than 0',
      '5 limits.retries: must be 100 or less',
    ],
  ],
  [
    'the server',
    'server:\n  listen: localhost\n  public_url: mirror\n',
    [
      '2 server.listen: "localhost" is not an address; write it as :8080, 127.0.0.1:8080 or [::1]:8080',
      '3 server.public_url: "mirror" is not a URL; write it as http://host/path/',
    ],
  ],
  [
    'a port',
    'server: {listen: ":65536"}\n',
    ['1 server.listen: ":65536" is not an address; write it as :8080, 127.0.0.1:8080 or [::1]:8080'],
  ],
  [
    'a time zone',
    'schedule:\n  timezone: Mars/Olympus\n',
    ['2 schedule.timezone: "Mars/Olympus" is not a time zone; write it as UTC or Europe/Madrid'],
  ],
  ['an empty path', 'keys: {directory: ""}\n', ['1 keys.directory: must be the path of a file or directory']],
];

for (const [name, text, expected] of mistakes) {
  test(`tells ${name}`, () => {
    const problems = problemsOf(text);

    assert.deepEqual(problems, expected);
  });
}

test('tells a wrong cron expression', () => {
  const problems = problemsOf('schedule:\n  sync: "99 * * * *"\n');

  assert.equal(problems.length, 1);
  assert.match(problems.join(), /^2 schedule\.sync: "99 \* \* \* \*" is not a cron expression: /);
});

test('tells package requests that cannot be read, each with its line', () => {
  const text = mirrorYaml(
    ['packages:', '- nginx', '- "a | "', '- linux-*', '- nginx (>= a:1)'],
    ['packages'],
  );

  const problems = problemsOf(text);

  assert.equal(problems.length, 3);
  assert.match(problems[0] ?? '', /^9 mirrors\.ubuntu\.packages\[1]: package query, column 5: expected/);
  assert.match(
    problems[1] ?? '',
    /^10 mirrors\.ubuntu\.packages\[2]: "linux-\*": a package name holds no patterns/,
  );
  assert.match(problems[2] ?? '', /^11 mirrors\.ubuntu\.packages\[3]: .*not a version/);
});
