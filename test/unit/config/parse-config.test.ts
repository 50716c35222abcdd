import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { isEspejoError } from '../../../src/core/errors.ts';
import { mirrorYaml, parse, problemsOf } from './config-problems.ts';

test('a file with one mirror has all the defaults', () => {
  const { mirrors, publications, keys, server, schedule, limits, rootDir, path } = parse(mirrorYaml());

  assert.deepEqual(
    { mirrors, publications, keys, server, schedule, limits, rootDir, path },
    {
      path: '/etc/espejo/espejo.yaml',
      rootDir: '/home/ana/.aptly',
      mirrors: [
        {
          name: 'ubuntu',
          suites: [{ name: 'xenial', urls: ['http://archive.example/ubuntu/'], components: ['main'] }],
          architectures: ['amd64'],
          keyrings: ['/etc/espejo/keys/archive.gpg'],
          keys: [],
          packages: [{ text: 'nginx', kind: 'relation', relation: { name: 'nginx' } }],
          dependencies: true,
          recommends: false,
          suggests: false,
          sources: false,
          followAllVariants: false,
          versions: 'latest',
          unsatisfied: 'report',
          missing: 'fail',
          allowEmpty: false,
          verifySignatures: true,
          checkValidUntil: true,
          checkDate: true,
          allowWeakSignatures: false,
          allowExpiredKeys: false,
        },
      ],
      publications: [],
      keys: {
        directory: '/home/ana/.aptly/keys',
        passphraseFile: undefined,
        userId: 'Espejo mirror <espejo@localhost>',
        provider: undefined,
      },
      server: { listen: ':8080', publicUrl: undefined, title: 'Espejo' },
      schedule: { sync: undefined, timezone: undefined, onStart: false },
      limits: {
        concurrency: 4,
        bandwidthBytesPerSecond: undefined,
        retries: 5,
        timeoutSeconds: 30,
        minimumBytesPerSecond: 1024,
        fileTimeoutSeconds: 900,
        releaseBytes: 16 * 2 ** 20,
        indexBytes: 2 * 2 ** 30,
        packageBytes: 8 * 2 ** 30,
      },
    },
  );
});

test('flat archives are suites with a path, and are published as main unless another component is named', () => {
  const suites = 'suites: [., "a//b/", {name: c/, components: [extra]}, {name: stable, expect: bookworm}]';

  const { mirrors, publications } = parse(
    `${mirrorYaml([suites, 'components: [one, two]'], ['suites', 'components'])}publications: {flat: {mirrors: ["ubuntu:./", "ubuntu:./a/b"]}}\n`,
  );

  const urls = ['http://archive.example/ubuntu/'];
  assert.deepEqual(mirrors[0]?.suites, [
    { name: './', urls, components: ['main'] },
    { name: 'a/b/', urls, components: ['main'] },
    { name: 'c/', urls, components: ['extra'] },
    { name: 'stable', urls, components: ['one', 'two'], expect: 'bookworm' },
  ]);
  assert.deepEqual(
    publications[0]?.sources.map(({ suite }) => suite),
    ['./', 'a/b/'],
  );
});

test('a publication has its defaults', () => {
  const text = `${mirrorYaml()}publications: {xenial: {mirrors: [ubuntu]}}\n`;

  const [publication] = parse(text).publications;

  assert.deepEqual(publication, {
    name: 'xenial',
    prefix: '.',
    distribution: 'xenial',
    components: undefined,
    architectures: undefined,
    sources: [{ mirror: 'ubuntu', suite: undefined }],
    origin: undefined,
    label: undefined,
    suite: undefined,
    codename: undefined,
    description: undefined,
    key: undefined,
    notAutomatic: undefined,
    butAutomaticUpgrades: undefined,
    acquireByHash: true,
    validForSeconds: undefined,
    sign: true,
    keepGenerations: 5,
    keepByHashSeconds: 604_800,
  });
});

test('every key of espejo is read', () => {
  const config = parse(`
root_dir: ~/mirror
mirrors:
  ubuntu:
    url: [http://one.example/ubuntu, https://two.example/ubuntu/]
    suites: [xenial, {name: xenial-security, url: http://security.example/, components: [main, main]}]
    components: [main, universe]
    architectures: [amd64, i386, amd64]
    keyring: [~/a.gpg, /b.gpg]
    key: |
      -----BEGIN PGP PUBLIC KEY BLOCK-----
      x
    packages: ["openssh-server (>= 1:7.2)", "Priority (required)"]
    dependencies: no
    recommends: yes
    suggests: on
    sources: true
    follow_all_variants: true
    versions: all
    unsatisfied: fail
    missing: warn
    allow_empty: true
    verify_signatures: false
    check_valid_until: off
    check_date: false
    allow_weak_signatures: true
    allow_expired_keys: true
publications:
  nodes:
    prefix: /a//b/
    distribution: xenial/nodes
    components: [main]
    architectures: [i386]
    mirrors: ["ubuntu:xenial-security"]
    origin: O
    label: L
    suite: S
    codename: C
    description: 16.04
    key: ABCD
    not_automatic: yes
    but_automatic_upgrades: false
    acquire_by_hash: false
    valid_for: 7d
    sign: false
    keep_generations: 2
    keep_by_hash: 12h
keys: {directory: k, passphrase_file: /run/p, user_id: Me <me@example>}
server: {listen: 9000, public_url: "http://mirror.example", title: T}
schedule: {sync: "17 */4 * * *", timezone: Europe/Madrid}
cleanup: {enabled: no, schedule: "5 4 * * *", max_removed_share: 12.5%}
keep_removed_files: 1d
missing: warn
limits: {concurrency: 8, bandwidth: 20MiB, retries: 0, timeout: 1m, minimum_rate: off, file_timeout: 2h, release_size: 1MiB, index_size: 1G, package_size: 1048576}
`);

  assert.deepEqual(config.cleanup, { enabled: false, schedule: '5 4 * * *', maxRemovedShare: 0.125 });
  assert.equal(config.keepRemovedFilesSeconds, 86_400);
  assert.equal(config.missing, 'warn');
  assert.equal(config.rootDir, '/home/ana/mirror');
  assert.deepEqual(config.mirrors[0], {
    name: 'ubuntu',
    suites: [
      {
        name: 'xenial',
        urls: ['http://one.example/ubuntu/', 'https://two.example/ubuntu/'],
        components: ['main', 'universe'],
      },
      { name: 'xenial-security', urls: ['http://security.example/'], components: ['main'] },
    ],
    architectures: ['amd64', 'i386'],
    keyrings: ['/home/ana/a.gpg', '/b.gpg'],
    keys: ['-----BEGIN PGP PUBLIC KEY BLOCK-----\nx\n'],
    packages: [
      {
        text: 'openssh-server (>= 1:7.2)',
        kind: 'relation',
        relation: { name: 'openssh-server', constraint: { operator: '>=', version: '1:7.2' } },
      },
      {
        text: 'Priority (required)',
        kind: 'query',
        query: { kind: 'field', field: 'Priority', condition: { operator: '=', value: 'required' } },
      },
    ],
    dependencies: false,
    recommends: true,
    suggests: true,
    sources: true,
    followAllVariants: true,
    versions: 'all',
    unsatisfied: 'fail',
    missing: 'warn',
    allowEmpty: true,
    verifySignatures: false,
    checkValidUntil: false,
    checkDate: false,
    allowWeakSignatures: true,
    allowExpiredKeys: true,
  });
  assert.deepEqual(config.publications[0], {
    name: 'nodes',
    prefix: 'a/b',
    distribution: 'xenial/nodes',
    components: ['main'],
    architectures: ['i386'],
    sources: [{ mirror: 'ubuntu', suite: 'xenial-security' }],
    origin: 'O',
    label: 'L',
    suite: 'S',
    codename: 'C',
    description: '16.04',
    key: 'ABCD',
    notAutomatic: 'yes',
    butAutomaticUpgrades: 'no',
    acquireByHash: false,
    validForSeconds: 604_800,
    sign: false,
    keepGenerations: 2,
    keepByHashSeconds: 43_200,
  });
  assert.deepEqual(config.keys, {
    directory: '/etc/espejo/k',
    passphraseFile: '/run/p',
    userId: 'Me <me@example>',
    provider: undefined,
  });
  assert.deepEqual(config.server, { listen: ':9000', publicUrl: 'http://mirror.example/', title: 'T' });
  assert.deepEqual(config.schedule, { sync: '17 */4 * * *', timezone: 'Europe/Madrid', onStart: true });
  assert.deepEqual(config.limits, {
    concurrency: 8,
    bandwidthBytesPerSecond: 20 * 2 ** 20,
    retries: 0,
    timeoutSeconds: 60,
    minimumBytesPerSecond: 0,
    fileTimeoutSeconds: 7200,
    releaseBytes: 2 ** 20,
    indexBytes: 2 ** 30,
    packageBytes: 2 ** 20,
  });
});

test('lone values stand for lists', () => {
  const [mirror] = parse(
    mirrorYaml(
      ['suites: xenial', 'components: main', 'architectures: i386', 'packages: nginx'],
      ['suites', 'components', 'packages'],
    ),
  ).mirrors;

  assert.deepEqual(mirror?.suites, [
    { name: 'xenial', urls: ['http://archive.example/ubuntu/'], components: ['main'] },
  ]);
  assert.deepEqual(mirror?.architectures, ['i386']);
  assert.equal(mirror?.packages.length, 1);
});

test('names with colons are told apart', () => {
  const text = `
mirrors:
  a: &a {url: http://a.example/, suites: ["b:c", d], components: main, keyring: k, packages: nginx}
  "a:b": {<<: *a, suites: [c]}
publications:
  one: {mirrors: ["a:b"]}
  two: {mirrors: ["a:b:c"]}
  three: {mirrors: ["a:d"]}
`;

  const { publications } = parse(text);

  assert.deepEqual(
    publications.map(({ sources }) => sources[0]),
    [
      { mirror: 'a:b', suite: undefined },
      { mirror: 'a', suite: 'b:c' },
      { mirror: 'a', suite: 'd' },
    ],
  );
});

test('anchors and merges of YAML share settings', () => {
  const text = `
mirrors:
  one: &base
    url: http://a.example/
    suites: [xenial]
    components: [main]
    keyring: k
    packages: [nginx]
  two:
    <<: *base
    suites: [bionic]
`;

  const [, second] = parse(text).mirrors;

  assert.deepEqual(second?.suites, [{ name: 'bionic', urls: ['http://a.example/'], components: ['main'] }]);
});

test("aptly's keys are the defaults of mirrors, publications and limits", () => {
  const text = `${mirrorYaml()}
architectures: [i386, all, source]
dep_follow_recommends: true
dep_follow_suggests: true
dep_follow_all_variants: true
download_sourcepackages: true
download_concurrency: 9
download_limit: 512
download_retries: 3
gpg_keys: [ABCD]
gpg_disable_sign: true
gpg_disable_verify: true
publications: {xenial: {mirrors: ubuntu}}
`;

  const { mirrors, publications, limits } = parse(text);

  const [mirror] = mirrors;
  const [publication] = publications;
  assert.deepEqual(mirror?.architectures, ['i386']);
  assert.deepEqual(
    [mirror?.recommends, mirror?.suggests, mirror?.followAllVariants, mirror?.sources],
    [true, true, true, true],
  );
  assert.equal(mirror?.verifySignatures, true);
  assert.deepEqual([publication?.key, publication?.sign], ['ABCD', false]);
  assert.deepEqual([limits.concurrency, limits.bandwidthBytesPerSecond, limits.retries], [9, 524_288, 3]);
});

test('the result is frozen in all depths', () => {
  const config = parse(mirrorYaml());

  const thawed = thawedParts(config, 'config');

  assert.deepEqual(thawed, []);
});

test('root_dir without a home directory must be written', () => {
  const problems = problemsOfHomeless('architectures: []\n');

  assert.match(problems, /root_dir: is not set, and HOME is not set either/);
});

test('several problems are one error with the first in its message', () => {
  const text = 'root_dirr: /x\nserver:\n  titel: x\nlimits: {retries: -1}\n';

  const act = () => parse(text);

  assert.throws(act, (error) => {
    assert.ok(isEspejoError(error, 'E_CONFIG_INVALID'));
    assert.equal(
      error.message,
      '/etc/espejo/espejo.yaml:1: root_dirr: unknown key (did you mean "root_dir"?) (and 2 more problems)',
    );
    return true;
  });
  assert.deepEqual(problemsOf(text), [
    '1 root_dirr: unknown key (did you mean "root_dir"?)',
    '3 server.titel: unknown key (did you mean "title"?)',
    '4 limits.retries: must be 0 or more',
  ]);
});

test('a mirror without keys has a hint', () => {
  const act = () => parse(mirrorYaml([], ['keyring']));

  assert.throws(act, { code: 'E_CONFIG_INVALID', hint: /^name the keyring file/ });
});

test('a URL in an error hides its password', () => {
  const problems = problemsOf(mirrorYaml(['url: ftp://ana:secret@a.example/'], ['url']));

  assert.match(problems.join(), /scheme ftp:/);
  assert.doesNotMatch(problems.join(), /secret/);
});

function thawedParts(value: unknown, path: string): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = Object.isFrozen(value) ? [] : [path];
  return [...own, ...Object.entries(value).flatMap(([key, part]) => thawedParts(part, `${path}.${key}`))];
}

function problemsOfHomeless(text: string): string {
  try {
    parseConfig(text, { path: '/etc/espejo.yaml', env: {} });
  } catch (error) {
    return String(error);
  }
  return '';
}

test('a daemon cleans up by itself, up to half of the pool; nothing is kept for clients beside aptly', () => {
  const config = parse('root_dir: /r\n');

  assert.deepEqual(config.cleanup, { enabled: true, schedule: '41 3 * * *', maxRemovedShare: 0.5 });
  assert.equal(config.keepRemovedFilesSeconds, 0);
});

test('a share is a percentage', () => {
  for (const share of ['120%', 'half', '-1'])
    assert.throws(() => parse(`root_dir: /r\ncleanup: {max_removed_share: "${share}"}\n`), /is not a share/);
});

test('what mirrors do about files that are not there is said once for all, or by each', () => {
  const { missing, mirrors } = parse(`missing: warn\n${mirrorYaml()}`);
  const own = parse(`missing: warn\n${mirrorYaml(['missing: fail'])}`);

  assert.deepEqual([missing, mirrors[0]?.missing, own.mirrors[0]?.missing], ['warn', 'warn', 'fail']);
});
