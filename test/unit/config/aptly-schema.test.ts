import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aptlyShape } from '../../../src/config/aptly-schema.ts';
import { parse, problemsOf } from './config-problems.ts';

/** The template that aptly 1.6 writes, as its documentation describes it, with its misspelt keys. */
const template = `# Aptly Configuration File
###########################
root_dir: ~/.aptly
log_level: info
log_format: default
database_open_attempts: -1
architectures: []
# architectures:
#   - amd64
skip_legacy_pool: true
dep_follow_suggests: false
dep_follow_recommends: false
dep_follow_allvariants: false
dep_follow_source: false
dep_verbose_resolve: false
ppa_distributor_id: ubuntu
ppa_codename: ""
ppa_baseurl: http://ppa.launchpad.net
serve_in_api_mode: false
enable_metrics_endpoint: false
enable_swagger_endpoint: false
async_api: false
database_backend:
  type: leveldb
  db_path: ""
downloader: default
download_concurrency: 4
download_limit: 0
download_retries: 0
download_sourcepackages: false
gpg_provider: gpg
gpg_disable_sign: false
gpg_disable_verify: false
gpg_keys: []
skip_contents_publishing: false
skip_bz2_publishing: false
filesystem_publish_endpoints:
  # test1:
  #   root_dir: /opt/srv/aptly_public
jfrog_publish_endpoints:
s3_publish_endpoints: {}
gcs_publish_endpoints:
swift_publish_endpoints:
azure_publish_endpoints:
packagepool_storage: {}
`;

test("aptly's YAML template is a configuration", () => {
  const { aptly, limits, rootDir } = parse(template);

  assert.equal(rootDir, '/home/ana/.aptly');
  assert.deepEqual(aptly, {
    ...parse('log_level: info\n').aptly,
    skipLegacyPool: true,
    databaseBackend: { type: 'leveldb', dbPath: '', url: '' },
  });
  assert.deepEqual([limits.concurrency, limits.bandwidthBytesPerSecond, limits.retries], [4, undefined, 5]);
});

test('there are 37 keys, with these defaults', () => {
  const { aptly } = parse('{ /* nothing */ }');

  assert.deepEqual(Object.keys(aptlyShape).toSorted(), Object.keys(aptly).toSorted());
  assert.deepEqual(aptly, {
    rootDir: '/home/ana/.aptly',
    logLevel: 'info',
    logFormat: 'default',
    databaseOpenAttempts: -1,
    architectures: [],
    skipLegacyPool: false,
    dependencyFollowSuggests: false,
    dependencyFollowRecommends: false,
    dependencyFollowAllVariants: false,
    dependencyFollowSource: false,
    dependencyVerboseResolve: false,
    ppaDistributorID: 'ubuntu',
    ppaCodename: '',
    ppaBaseURL: 'http://ppa.launchpad.net',
    serveInAPIMode: false,
    enableMetricsEndpoint: false,
    enableSwaggerEndpoint: false,
    AsyncAPI: false,
    databaseBackend: { type: '', dbPath: '', url: '' },
    downloader: 'default',
    downloadConcurrency: 4,
    downloadSpeedLimit: 0,
    downloadRetries: 0,
    downloadSourcePackages: false,
    gpgProvider: 'gpg',
    gpgDisableSign: false,
    gpgDisableVerify: false,
    gpgKeys: [],
    skipContentsPublishing: false,
    skipBz2Publishing: false,
    FileSystemPublishEndpoints: {},
    JFrogPublishEndpoints: {},
    S3PublishEndpoints: {},
    GcsPublishEndpoints: {},
    SwiftPublishEndpoints: {},
    AzurePublishEndpoints: {},
    packagePoolStorage: {
      type: 'local',
      path: '',
      container: '',
      prefix: '',
      accountName: '',
      accountKey: '',
      endpoint: '',
    },
  });
  assert.equal(Object.keys(aptly).length, 37);
});

/** Every key in its JSON and its YAML spelling, with a value that is no default. */
const spellings: readonly (readonly [string, string, string | number | boolean | readonly string[]])[] = [
  ['rootDir', 'root_dir', '/srv/aptly'],
  ['logLevel', 'log_level', 'debug'],
  ['logFormat', 'log_format', 'json'],
  ['databaseOpenAttempts', 'database_open_attempts', 3],
  ['architectures', 'architectures', ['i386']],
  ['skipLegacyPool', 'skip_legacy_pool', true],
  ['dependencyFollowSuggests', 'dep_follow_suggests', true],
  ['dependencyFollowRecommends', 'dep_follow_recommends', true],
  ['dependencyFollowAllVariants', 'dep_follow_all_variants', true],
  ['dependencyFollowAllVariants', 'dep_follow_allvariants', true],
  ['dependencyFollowSource', 'dep_follow_source', true],
  ['dependencyVerboseResolve', 'dep_verboseresolve', true],
  ['dependencyVerboseResolve', 'dep_verbose_resolve', true],
  ['ppaDistributorID', 'ppa_distributor_id', 'debian'],
  ['ppaCodename', 'ppa_codename', 'xenial'],
  ['ppaBaseURL', 'ppa_baseurl', 'http://ppa.example'],
  ['serveInAPIMode', 'serve_in_api_mode', true],
  ['enableMetricsEndpoint', 'enable_metrics_endpoint', true],
  ['enableSwaggerEndpoint', 'enable_swagger_endpoint', true],
  ['AsyncAPI', 'async_api', true],
  ['downloader', 'downloader', 'grab'],
  ['downloadConcurrency', 'download_concurrency', 7],
  ['downloadSpeedLimit', 'download_limit', 100],
  ['downloadRetries', 'download_retries', 2],
  ['downloadSourcePackages', 'download_sourcepackages', true],
  ['gpgProvider', 'gpg_provider', 'internal'],
  ['gpgDisableSign', 'gpg_disable_sign', true],
  ['gpgDisableVerify', 'gpg_disable_verify', true],
  ['gpgKeys', 'gpg_keys', ['ABCD']],
  ['skipContentsPublishing', 'skip_contents_publishing', true],
  ['skipBz2Publishing', 'skip_bz2_publishing', true],
];

for (const [json, yaml, value] of spellings) {
  test(`${json} is also ${yaml}, in both formats`, () => {
    const texts = [
      `${yaml}: ${JSON.stringify(value)}\n`,
      `${json}: ${JSON.stringify(value)}\n`,
      JSON.stringify({ [json]: value }),
      JSON.stringify({ [json.toUpperCase()]: value }),
      JSON.stringify({ [yaml]: value }),
    ];

    const values = texts.map((text) => new Map<string, unknown>(Object.entries(parse(text).aptly)).get(json));

    assert.deepEqual(
      values,
      texts.map(() => value),
    );
  });
}

test('all nested objects are read in both spellings', () => {
  const yaml = parse(`
database_backend: {type: etcd, db_path: /db, url: "127.0.0.1:2379"}
packagepool_storage: {type: azure, path: /p, container: c, prefix: p, account_name: n, account_key: k, endpoint: e}
filesystem_publish_endpoints: {a: {root_dir: /r, link_method: copy, verify_method: size}}
jfrog_publish_endpoints: {a: {url: u, repository: r, prefix: p, username: n, password: w, api_key: k, access_token: t, plus_workaround: true, debug: true}}
s3_publish_endpoints: {a: {region: r, bucket: b, prefix: p, acl: none, access_key_id: i, secret_access_key: s, session_token: t, endpoint: e, storage_class: c, encryption_method: m, plus_workaround: true, disable_multidel: true, force_sigv2: true, force_virtualhosted_style: true, debug: true}}
gcs_publish_endpoints: {a: {bucket: b, prefix: p, credentials_file: f, service_account_json: j, project: o, endpoint: e, acl: none, storage_class: c, encryption_key: k, disable_multidel: true, debug: true}}
swift_publish_endpoints: {a: {container: c, prefix: p, username: n, password: w, auth_url: u, tenant: t, tenant_id: i, domain: d, domain_id: e, tenant_domain: f, tenant_domain_id: g}}
azure_publish_endpoints: {a: {container: c, prefix: p, account_name: n, account_key: k, endpoint: e}}
`);
  const expected = {
    databaseBackend: { type: 'etcd', dbPath: '/db', url: '127.0.0.1:2379' },
    packagePoolStorage: {
      type: 'azure',
      path: '/p',
      container: 'c',
      prefix: 'p',
      accountName: 'n',
      accountKey: 'k',
      endpoint: 'e',
    },
    FileSystemPublishEndpoints: { a: { rootDir: '/r', linkMethod: 'copy', verifyMethod: 'size' } },
    JFrogPublishEndpoints: {
      a: {
        url: 'u',
        repository: 'r',
        prefix: 'p',
        user: 'n',
        password: 'w',
        apiKey: 'k',
        accessToken: 't',
        plusWorkaround: true,
        debug: true,
      },
    },
    S3PublishEndpoints: {
      a: {
        region: 'r',
        bucket: 'b',
        prefix: 'p',
        acl: 'none',
        awsAccessKeyID: 'i',
        awsSecretAccessKey: 's',
        awsSessionToken: 't',
        endpoint: 'e',
        storageClass: 'c',
        encryptionMethod: 'm',
        plusWorkaround: true,
        disableMultiDel: true,
        forceSigV2: true,
        forceVirtualHostedStyle: true,
        debug: true,
      },
    },
    GcsPublishEndpoints: {
      a: {
        bucket: 'b',
        prefix: 'p',
        credentialsFile: 'f',
        serviceAccountJSON: 'j',
        project: 'o',
        endpoint: 'e',
        acl: 'none',
        storageClass: 'c',
        encryptionKey: 'k',
        disableMultiDel: true,
        debug: true,
      },
    },
    SwiftPublishEndpoints: {
      a: {
        container: 'c',
        prefix: 'p',
        osname: 'n',
        password: 'w',
        authurl: 'u',
        tenant: 't',
        tenantid: 'i',
        domain: 'd',
        domainid: 'e',
        tenantdomain: 'f',
        tenantdomainid: 'g',
      },
    },
    AzurePublishEndpoints: {
      a: { container: 'c', prefix: 'p', accountName: 'n', accountKey: 'k', endpoint: 'e' },
    },
  };

  const json = parse(JSON.stringify(expected));

  const empty = parse('{}').aptly;
  assert.deepEqual(yaml.aptly, { ...empty, ...expected });
  assert.deepEqual(json.aptly, { ...empty, ...expected });
});

test('JSON with comments, trailing commas and odd case is read', () => {
  const { aptly, mirrors } = parse(`// an old file
{
  "RootDir": "/srv/aptly", // where
  /* many
     lines */
  "architectures": ["amd64", "i386",],
  "s3publishendpoints": { "main": { "AWSACCESSKEYID": "id", }, },
  "GPGKeys": null,
  "Mirrors": {
    "ubuntu": {
      "url": "http://a.example/",
      "suites": ["xenial"],
      "components": ["main"],
      "keyring": "k",
      "packages": ["nginx"],
      "followAllVariants": true,
      "verify_signatures": true,
    },
  },
}
`);

  assert.deepEqual(
    [aptly.rootDir, aptly.architectures, aptly.S3PublishEndpoints['main']?.awsAccessKeyID, aptly.gpgKeys],
    ['/srv/aptly', ['amd64', 'i386'], 'id', []],
  );
  assert.deepEqual(
    [mirrors[0]?.followAllVariants, mirrors[0]?.verifySignatures, mirrors[0]?.architectures],
    [true, true, ['amd64', 'i386']],
  );
});

test('problems in JSON have their lines and JSON names', () => {
  const problems = problemsOf(`{
  // one
  "rootdirr": "/x",
  "rootDir": true,
  "mirrors": {
    "a": {
      "verifySignature": false
    }
  },
  "limits": { "packageSize": 1024, "indexSize": [] }
}`);

  assert.deepEqual(problems, [
    '3 rootdirr: unknown key (did you mean "rootDir"?)',
    '7 mirrors.a.verifySignature: unknown key (did you mean "verifySignatures"?)',
    '4 rootDir: must be text, not true or false',
    '6 mirrors.a.suites: is missing',
    '10 limits.indexSize: must be text, not a list',
  ]);
});

test('an unquoted YAML number is the text that was written', () => {
  const { aptly } = parse('ppa_codename: 16.04\ngpg_keys: [0123, 1e5]\n');

  assert.deepEqual([aptly.ppaCodename, aptly.gpgKeys], ['16.04', ['0123', '1e5']]);
});
