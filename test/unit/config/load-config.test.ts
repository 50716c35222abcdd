import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { configPlaces, loadConfig } from '../../../src/config/load-config.ts';
import { isEspejoError } from '../../../src/core/errors.ts';

let directory: string;
let cwd: string;
let home: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'espejo-config-'));
  cwd = join(directory, 'cwd');
  home = join(directory, 'home');
  await mkdir(cwd);
  await mkdir(home);
});

after(async () => {
  await rm(directory, { recursive: true });
});

test('looks in espejo’s places, then in aptly’s', () => {
  const places = configPlaces({ cwd: '/w', env: { HOME: '/h' } });

  assert.deepEqual(places, [
    '/w/espejo.yaml',
    '/h/.espejo.yaml',
    '/etc/espejo.yaml',
    '/h/.aptly.conf',
    '/usr/local/etc/aptly.conf',
    '/etc/aptly.conf',
  ]);
});

test('without a home directory fewer places are left', () => {
  const places = configPlaces({ cwd: '/w', env: {} });

  assert.deepEqual(places, [
    '/w/espejo.yaml',
    '/etc/espejo.yaml',
    '/usr/local/etc/aptly.conf',
    '/etc/aptly.conf',
  ]);
});

test('reads the named file, relative to the working directory', async () => {
  await writeFile(join(cwd, 'named.yaml'), 'root_dir: data\n');

  const config = await loadConfig({ explicitPath: 'named.yaml', env: {}, cwd });

  assert.deepEqual([config.path, config.rootDir], [join(cwd, 'named.yaml'), join(cwd, 'data')]);
});

test('a named file that is absent is an error, whatever else there is', async () => {
  await writeFile(join(home, '.espejo.yaml'), 'root_dir: /x\n');

  const act = loadConfig({ explicitPath: '/nonexistent/espejo.yaml', env: { HOME: home }, cwd });

  await assert.rejects(act, {
    code: 'E_CONFIG_NOT_FOUND',
    message: 'there is no configuration file /nonexistent/espejo.yaml',
  });
});

test('a directory in place of the file is an error', async () => {
  const act = loadConfig({ explicitPath: cwd, env: {}, cwd });

  await assert.rejects(act, { code: 'E_IO' });
});

test('the working directory comes before the home directory', async () => {
  await writeFile(join(cwd, 'espejo.yaml'), 'root_dir: /cwd\n');
  await writeFile(join(home, '.espejo.yaml'), 'root_dir: /home\n');

  const config = await loadConfig({ env: { HOME: home }, cwd });

  assert.equal(config.rootDir, '/cwd');
});

test('a wrong file ends the search', async () => {
  await writeFile(join(cwd, 'espejo.yaml'), 'a: [\n');
  await writeFile(join(home, '.espejo.yaml'), 'root_dir: /home\n');

  const act = loadConfig({ env: { HOME: home }, cwd });

  await assert.rejects(act, (error) => {
    assert.ok(isEspejoError(error, 'E_CONFIG_SYNTAX'));
    assert.ok(error.message.startsWith(join(cwd, 'espejo.yaml')));
    return true;
  });
});

test('no file at all is an error that names the places, and nothing is written', async (t) => {
  const empty = join(directory, 'empty');
  await mkdir(empty);
  const places = configPlaces({ cwd: empty, env: { HOME: empty } });

  const error: unknown = await loadConfig({ env: { HOME: empty }, cwd: empty }).catch(
    (reason: unknown) => reason,
  );

  if (!isEspejoError(error, 'E_CONFIG_NOT_FOUND')) {
    t.skip('this machine has a configuration under /etc');
    return;
  }
  assert.deepEqual(error.context['places'], places);
  for (const place of places) assert.ok(error.hint?.includes(place));
});

test('commands of aptly make a configuration where there is none', async () => {
  const empty = await mkdtemp(join(directory, 'empty-'));
  const options = { env: { HOME: empty }, cwd: empty, missing: 'create' } as const;

  const made = await loadConfig(options);
  const found = await loadConfig(options);

  assert.equal(made.rootDir, join(empty, '.aptly'));
  assert.deepEqual(made.notices, [
    `Config file not found, creating default config at ${join(empty, '.aptly.conf')}`,
    '',
  ]);
  assert.deepEqual({ ...found, notices: [] }, { ...made, notices: [] });
  assert.deepEqual(found.notices, []);
});

test('and go on with the defaults where nothing can be written', async () => {
  const nowhere = join(directory, 'not-there');

  const config = await loadConfig({ env: { HOME: nowhere }, cwd: directory, missing: 'create' });

  assert.equal(config.path, undefined);
  assert.equal(config.rootDir, join(nowhere, '.aptly'));
  assert.match(config.notices[0] ?? '', /going on with the defaults: cannot write .*\(ENOENT\)$/);
});
