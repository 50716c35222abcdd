import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { writeDeb } from '../builders/library-packages.ts';
import { makeAptClient } from '../support/apt-client.ts';
import { type CommandRoot, makeCommandRoot } from '../support/aptly-commands.ts';
import { gnupgHome, gpgvVerdict } from '../support/gnupg.ts';
import { makeKey } from '../support/openpgp-keys.ts';
import { skipWithout } from '../support/programs.ts';
import { installKey } from '../support/signing-keys.ts';

/** A root whose publications are signed, with the public key, binary. */
type SignedRoot = { readonly root: CommandRoot; readonly key: Uint8Array };

const signers: Readonly<Record<string, () => Promise<SignedRoot>>> = {
  'its own key': async () => {
    const root = await makeCommandRoot();
    const { signer } = await installKey('publish-apt', join(root.directory, 'root/keys'));
    return { root, key: signer.publicKey.binary };
  },
  gpg2: async () => {
    const key = await makeKey({ name: 'Publisher <publisher@example.org>' });
    const { env } = gnupgHome('gpg', [key]);
    const root = await makeCommandRoot('espejo', { config: { gpgProvider: 'gpg2' }, env });
    return { root, key: key.toPublic().write() };
  },
};

for (const [name, prepare] of Object.entries(signers)) {
  describe(`what publish signs with ${name}`, {
    skip:
      skipWithout('apt-get', '--version') ||
      skipWithout('gpgv', '--version') ||
      skipWithout('gpg', '--version'),
  }, () => {
    it('is verified by gpgv and apt, before and after a switch', async (t) => {
      const { root, key } = await prepare();
      const dists = join(root.directory, 'root/public/dists/stable');
      await root.output('repo', 'create', '-distribution=stable', 'r');
      const add = async (label: string, snapshot: string): Promise<void> => {
        await root.output('repo', 'add', 'r', await writeDeb(join(root.directory, 'debs'), label));
        await root.output('snapshot', 'create', snapshot, 'from', 'repo', 'r');
      };
      await add('tool_1.0_amd64', 'one');
      const client = await makeAptClient(t, {
        sources: [`deb [arch=amd64] copy:${join(root.directory, 'root/public')} stable main`],
        key,
      });

      await root.output('publish', 'snapshot', '-batch', 'one');
      const first = await client.apt('update');
      const before = await client.candidate('tool');
      await add('tool_2.0_amd64', 'two');
      await root.output('publish', 'switch', '-batch', 'stable', 'two');
      const second = await client.apt('update');
      const after = await client.candidate('tool');
      const download = await client.apt('download', '-q', 'tool');

      for (const { status, stderr } of [first, second, download])
        assert.deepEqual([status, stderr], [0, ''], stderr);
      assert.deepEqual([before, after], ['1.0', '2.0']);
      const files = {
        content: await readFile(join(dists, 'Release')),
        clearsigned: await readFile(join(dists, 'InRelease')),
        detached: await readFile(join(dists, 'Release.gpg')),
        keyring: key,
      };
      for (const program of ['gpgv', 'gpgv1'].filter(isThere)) {
        const verdict = gpgvVerdict(program, files);
        assert.ok(verdict.good, `${program}: ${verdict.text}`);
      }
    });
  });
}

function isThere(program: string): boolean {
  return spawnSync(program, ['--version']).status === 0;
}
