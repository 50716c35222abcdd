import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { skipWithoutEngine } from './support/engine.ts';
import { baseImages, repositoryRoot } from './support/images.ts';
import { mirrorConfig } from './support/mirror.ts';
import { runCompose } from './support/run-compose.ts';
import { runProgram } from './support/run-program.ts';
import { untilTrue } from './support/until-true.ts';
import { makeUpstreamArchive, type UpstreamArchive } from './support/upstream-archive.ts';

const skip = await skipWithoutEngine();
const project = `espejo-test-${process.pid}`;

describe('docker/up, the one command', { skip, timeout: 300_000 }, () => {
  let scratch: string;
  let archive: UpstreamArchive;
  let env: Readonly<Record<string, string>>;
  const compose = (...args: string[]) => runCompose(args, env);

  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'espejo-compose-'));
    await chmod(scratch, 0o755);
    archive = await makeUpstreamArchive('xenial');
    await archive.addPackage({ name: 'greeting', version: '1.0', depends: 'libgreeting' });
    await archive.addPackage({ name: 'libgreeting', version: '1.0' });
    await archive.release();
    await writeFile(join(scratch, 'espejo.yaml'), mirrorConfig('xenial', ['greeting']));
    await writeFile(join(scratch, 'upstream.yaml'), overlay(scratch, archive));
    env = {
      COMPOSE_PROJECT_NAME: project,
      COMPOSE_FILE: `${join(repositoryRoot, 'docker/compose.yaml')}:${join(scratch, 'upstream.yaml')}`,
      MIRROR_BASE: baseImages.node,
      CLIENT_BASE: baseImages.bookworm,
      CLIENT_B_BASE: baseImages.trixie,
      ESPEJO_PORT: '127.0.0.1:0',
      CLIENT_PACKAGES: 'greeting libgreeting',
      CLIENT_WAIT_SECONDS: '90',
    };
  });

  after(async () => {
    await compose('down', '--volumes', '--rmi', 'local', '--timeout', '10');
    await archive.remove();
    await rm(scratch, { recursive: true, force: true });
  });

  it('brings up a mirror and two clients that install from it', async () => {
    await runProgram(join(repositoryRoot, 'docker/up'), ['-d'], { env, timeoutSeconds: 180 });

    for (const client of ['client-a', 'client-b']) {
      const log = await untilTrue(
        () => compose('logs', client),
        (text) => /espejo-client: (?!the mirror is not ready)/.test(text),
      );
      assert.match(log, /installed greeting 1\.0 install ok installed/);
      assert.match(log, /installed libgreeting 1\.0 install ok installed/);
    }
  });
});

/** Adds an upstream on the mirror's egress network, and a configuration that names it. */
function overlay(scratch: string, archive: UpstreamArchive): string {
  const server = join(import.meta.dirname, 'support/static-server.ts');
  return `services:
  upstream:
    image: ${baseImages.node}
    command: [node, /opt/static-server.ts]
    networks: [egress]
    volumes:
      - ${archive.directory}:/archive:ro
      - ${server}:/opt/static-server.ts:ro
  mirror:
    depends_on: [upstream]
    volumes:
      - ${scratch}/espejo.yaml:/etc/espejo/espejo.yaml:ro
      - ${archive.keyring}:/etc/espejo/upstream.gpg:ro
`;
}
