import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from './config-problems.ts';

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
server: {listen: 9000, public_url: "http://mirror.example", title: T, processes: 3, log_requests: true}
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
  assert.deepEqual(config.server, {
    listen: ':9000',
    publicUrl: 'http://mirror.example/',
    title: 'T',
    processes: 3,
    logRequests: true,
  });
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
