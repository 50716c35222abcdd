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
      server: {
        listen: ':8080',
        publicUrl: undefined,
        title: 'Espejo',
        processes: 'auto',
        logRequests: false,
      },
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
