import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configJson, configYaml } from '../../../src/aptly/config-text.ts';
import { aptlyShape } from '../../../src/config/aptly-schema.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { configTemplate } from '../../../src/config/template.ts';

const parse = (text: string) => parseConfig(text, { path: '/etc/aptly.conf', env: { HOME: '/home/ana' } });

describe('configJson', () => {
  it("has aptly's keys in its order, four spaces a level", () => {
    const text = configJson(parse('{"rootDir": "/x"}'));

    assert.deepEqual(Object.keys(JSON.parse(text)), Object.keys(aptlyShape));
    assert.ok(text.startsWith('{\n    "rootDir": "/x",\n    "logLevel": "info",\n'), text);
    assert.match(
      text,
      /\n {4}"databaseBackend": \{\n {8}"type": "",\n {8}"dbPath": "",\n {8}"url": ""\n {4}\},\n/,
    );
    assert.ok(text.endsWith('\n    "AzurePublishEndpoints": {},\n    "packagePoolStorage": {}\n}'), text);
  });

  it('has null for what the file sets to nothing', () => {
    const shown = JSON.parse(configJson(parse('root_dir: /x\narchitectures:\ns3_publish_endpoints:\n')));

    assert.deepEqual([shown.architectures, shown.S3PublishEndpoints, shown.gpgKeys], [null, null, []]);
  });

  it('shows a pool elsewhere', () => {
    const shown = JSON.parse(configJson(parse('{"rootDir": "/x", "packagePoolStorage": {"path": "/pool"}}')));

    assert.deepEqual(shown.packagePoolStorage, { type: 'local', path: '/pool' });
  });

  it('is read as what it came from', () => {
    const config = parse('{"S3PublishEndpoints": {"b": {"bucket": "x"}, "a": {"awsAccessKeyID": "k"}}}');

    assert.deepEqual(parse(configJson(config)).aptly, config.aptly);
  });
});

describe('configYaml', () => {
  it('has the YAML names and is read as what it came from', () => {
    const config = parse(
      '{"rootDir": "/x", "gpgKeys": ["A"], "S3PublishEndpoints": {"a": {"awsAccessKeyID": "k"}}}',
    );
    const text = configYaml(config);

    assert.match(text, /^root_dir: \/x\nlog_level: info\n/);
    assert.match(text, /\ngpg_keys:\n {4}- A\n/);
    assert.match(text, /\n {8}access_key_id: k\n/);
    assert.match(text, /\npackagepool_storage: \{\}$/);
    assert.deepEqual(parse(text).aptly, config.aptly);
  });
});

describe('the template', () => {
  it('has every key of aptly and its defaults but two', () => {
    const template = parse(configTemplate);
    const defaults = parse('{}');

    assert.deepEqual(template.notices, []);
    assert.deepEqual(template.aptly, {
      ...defaults.aptly,
      skipLegacyPool: true,
      databaseBackend: { ...defaults.aptly.databaseBackend, type: 'leveldb' },
    });
    assert.deepEqual(
      Array.from(configTemplate.matchAll(/^([a-z0-9_]+):/gm), ([, key]) => key),
      Array.from(configYaml(defaults).matchAll(/^([a-z0-9_]+):/gm), ([, key]) => key),
    );
  });
});
