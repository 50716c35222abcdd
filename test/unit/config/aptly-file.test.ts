import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { isEspejoError } from '../../../src/core/errors.ts';

const aptly = { path: '/etc/aptly.conf', env: { HOME: '/home/ana' } };

describe('a file of aptly', () => {
  it('may have keys that nobody knows', () => {
    const config = parseConfig('{\n"rootDir": "/x",\n"futureKey": {"a": 1}\n}', aptly);

    assert.equal(config.rootDir, '/x');
    assert.deepEqual(config.unknownKeys, ['warning: /etc/aptly.conf:3: futureKey: unknown key']);
    assert.deepEqual(config.notices, []);
  });

  it('may have them anywhere, also in YAML', () => {
    const config = parseConfig('root_dir: /x\ns3_publish_endpoints:\n  a: {buket: b}\n', aptly);

    assert.deepEqual(config.unknownKeys, [
      'warning: /etc/aptly.conf:3: s3_publish_endpoints.a.buket: unknown key (did you mean "bucket"?)',
    ]);
  });

  for (const [key, value, expected] of [
    ['gpgDisableSign', '"true"', 'must be true or false, not text'],
    ['skipContentsPublishing', '1', 'must be true or false, not a number'],
    ['downloadConcurrency', '"many"', 'must be a number, not text'],
    ['gpgKeys', '["A", 1]', 'must be text, not a number'],
  ]) {
    it(`may not have ${key} ${value}, which aptly refuses too`, () => {
      assert.throws(() => parseConfig(`{"rootDir": "/x", "${key}": ${value}}`, aptly), {
        code: 'E_CONFIG_INVALID',
        message: new RegExp(`${key}.*: ${expected}$`),
      });
    });
  }

  it('may not have one in YAML', () => {
    for (const line of ['download_concurrency: many', 'gpg_disable_sign: "true"'])
      assert.throws(() => parseConfig(`root_dir: /x\n${line}\n`, aptly), { code: 'E_CONFIG_INVALID' });
  });

  it('counts the last of equal JSON keys in any letter case, and warns', () => {
    const text = '{"rootDir": "/x",\n"gpgDisableSign": true, "GPGDISABLESIGN": false,\n"rootdir": "/y"}';

    const config = parseConfig(text, aptly);

    assert.deepEqual([config.rootDir, config.aptly.gpgDisableSign], ['/y', false]);
    assert.deepEqual(config.notices, [
      'warning: /etc/aptly.conf:2: GPGDISABLESIGN: is set twice; the first time on line 2; the last one counts',
      'warning: /etc/aptly.conf:3: rootdir: is set twice; the first time on line 1; the last one counts',
    ]);
  });

  it('counts the last of equal endpoints', () => {
    const text =
      '{"rootDir": "/x", "FileSystemPublishEndpoints": {"a": {"rootDir": "/1"}, "a": {"linkMethod": "copy"}}}';

    const { FileSystemPublishEndpoints: endpoints } = parseConfig(text, aptly).aptly;

    assert.deepEqual({ ...endpoints['a'] }, { rootDir: '', linkMethod: 'copy', verifyMethod: '' });
  });

  it('may not have a key twice in YAML', () => {
    assert.throws(() => parseConfig('root_dir: /x\nroot_dir: /y\n', aptly), { code: 'E_CONFIG_INVALID' });
  });

  it('may not have a value that does not exist', () => {
    assert.throws(
      () => parseConfig('{"rootDir": "/x", "packagePoolStorage": {"type": "tape"}}', aptly),
      (error) => isEspejoError(error, 'E_CONFIG_INVALID'),
    );
  });
});

describe('a file of espejo', () => {
  const strict: readonly (readonly [what: string, text: string, path: string])[] = [
    ['with a key of its own', '{"rootDir": "/x", "limits": {}, "futureKey": 1}', '/etc/aptly.conf'],
    ['by its name', 'root_dir: /x\nfuture_key: 1\n', '/etc/espejo.yaml'],
    ['by its name in a home directory', 'root_dir: /x\nfuture_key: 1\n', '/home/ana/.espejo.yaml'],
  ];
  for (const [what, text, path] of strict) {
    it(`is taken at its word ${what}`, () => {
      assert.throws(
        () => parseConfig(text, { ...aptly, path }),
        (error) => isEspejoError(error, 'E_CONFIG_INVALID'),
      );
    });
  }
});

describe('compatibility', () => {
  it('is off', () => {
    const { compatibility } = parseConfig('root_dir: /x\n', aptly);

    assert.ok(Object.values(compatibility).every((value) => value === false));
  });

  it('has snake_case keys in YAML and camelCase ones in JSON', () => {
    const yaml = parseConfig('root_dir: /x\ncompatibility: { merge_tail: true }\n', aptly);
    const json = parseConfig('{"rootDir": "/x", "compatibility": {"diffTail": true}}', aptly);

    assert.equal(yaml.compatibility.mergeTail, true);
    assert.equal(json.compatibility.diffTail, true);
  });
});
