import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../../src/config/load-config.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

test('the example for Ubuntu xenial loads', async () => {
  const config = await loadConfig({
    explicitPath: 'data/xenial.yaml',
    env: { HOME: '/home/somebody' },
    cwd: root,
  });

  const [mirror] = config.mirrors;
  const [publication] = config.publications;
  assert.deepEqual(
    mirror?.suites.map(({ name, urls }) => [name, urls.at(0)]),
    [
      ['xenial', 'http://archive.ubuntu.com/ubuntu/'],
      ['xenial-updates', 'http://archive.ubuntu.com/ubuntu/'],
      ['xenial-security', 'http://security.ubuntu.com/ubuntu/'],
    ],
  );
  assert.deepEqual(mirror?.keyrings, [`${root}keys/ubuntu-archive-keyring.gpg`]);
  assert.ok((mirror?.packages.length ?? 0) > 20);
  assert.deepEqual(publication?.sources, [{ mirror: 'ubuntu', suite: undefined }]);
  assert.equal(config.schedule.onStart, true);
  assert.equal(config.rootDir, '/home/somebody/.espejo/xenial');
});
